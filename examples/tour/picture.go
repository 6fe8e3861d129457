package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/seed18162548/contextvars/examples/internal/paint"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

// A stop is one goroutine on a request's way.
type stop struct {
	branch string // that leads to it in the picture
	how    string // it was started
	what   string // it is for
	who    string // it saw
}

// travel sends a request of a user through goroutines that are started in
// different ways, and returns what each of them saw. The first and the last
// element are the request's own goroutine.
func travel(name string) (way []stop) {
	defer user.Set(name).Reset()
	seen := make(chan string)
	look := func() { seen <- user.Get() }
	visit := func(branch, how, what string, start func()) {
		start()
		way = append(way, stop{branch, how, what, <-seen})
	}

	way = append(way, stop{"", "a request", "its goroutine binds the user", user.Get()})
	visit("├─", "spawn.Go", "asks a supplier", func() { spawn.Go(look) })
	visit("│  └─", "spawn.Go", "and that one, another", func() { spawn.Go(func() { spawn.Go(look) }) })
	visit("├─", "gls.Wrap", "a job in a pool", func() { go gls.Wrap(look)() })
	visit("├─", "spawn.Go", "sets another user, in its copy", func() { spawn.Go(func() { user.Set("eva"); look() }) })
	visit("├─", "spawn.Detached", "works for the process, so for nobody", func() { spawn.Detached(look) })
	visit("└─", "go", "forgotten: the user is lost", func() { go look() })
	return append(way, stop{"", "the request", "ends as it began", user.Get()})
}

// draw draws the way of a request. It prints what the goroutines actually see;
// the names are not constants.
func draw(w io.Writer, p paint.Painter) {
	for _, s := range travel("ann") {
		from := strings.TrimSpace(s.branch + " " + s.how)
		// A rune of a branch is one column.
		fill := strings.Repeat("─", 22-len([]rune(from)))
		who := fmt.Sprintf("%-7s", s.who)
		switch {
		case s.how == "go":
			who = p.Bad(who)
		case s.how != "spawn.Detached":
			who = p.Good(who)
		}
		fmt.Fprintf(w, "  %s %s %s %s\n", from, fill, who, s.what)
	}
}
