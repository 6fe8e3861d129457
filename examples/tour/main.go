// Tour introduces the library step by step: a variable, its tokens, contexts,
// goroutines, callbacks, and a picture of a request's way through goroutines.
// On a terminal, headings and the picture are coloured.
//
//	go -C examples run ./tour
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/seed18162548/contextvars/examples/internal/paint"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

var user = gls.New("user", gls.Default("nobody"))

// greet has no parameter for the user.
func greet() string { return "hello, " + user.Get() }

func main() {
	p := paint.For(os.Stdout)
	fmt.Println(p.Heading("A variable, and the tokens that undo its Sets"))
	fmt.Println("  unset:               ", greet())
	outer := user.Set("ann")
	inner := user.Set("ben")
	fmt.Println("  set twice:           ", greet())
	inner.Reset()
	fmt.Println("  one Set undone:      ", greet())
	fmt.Println("  undone again:        ", errors.Unwrap(user.TryReset(inner)))
	user.With("cleo", func() { fmt.Println("  for one call:        ", greet()) })

	fmt.Println(p.Heading("A Context, and what is set in it"))
	c := gls.CopyContext()
	c.Run(func() { user.Set("dan") })
	inside, _ := user.In(c)
	fmt.Println("  inside, afterwards:  ", inside)
	fmt.Println("  outside:             ", greet())
	fmt.Println("  run in it again:     ", gls.Call(c, greet))
	err := gls.Call(c, func() error { return c.TryRun(func() {}) })
	fmt.Println("  while one is in it:  ", errors.Unwrap(err))

	fmt.Println(p.Heading("Goroutines, and what they are given"))
	plain, detached := make(chan string), make(chan string)
	go func() { plain <- greet() }()
	fmt.Println("  a go statement:      ", <-plain)
	task := spawn.Start(func() (string, error) {
		inherited := greet()
		user.Set("eva")
		return inherited, nil
	})
	greeting, _ := task.Wait()
	fmt.Println("  spawn.Start:         ", greeting)
	fmt.Println("  after a Set there:   ", greet())
	fmt.Println("  in its Context:      ", gls.Call(task.Context(), greet))
	spawn.Detached(func() { detached <- greet() })
	fmt.Println("  spawn.Detached:      ", <-detached)

	fmt.Println(p.Heading("A callback, and the bindings that it is called with"))
	callback := gls.Wrap(func() { fmt.Println("  when it was wrapped: ", greet()) })
	outer.Reset()
	fmt.Println("  when it is called:   ", greet())
	callback()

	fmt.Println(p.Heading("A request's way through goroutines, and whom each of them sees"))
	draw(os.Stdout, p)
}
