//go:build go1.27

package docs_test

import (
	"bytes"
	"runtime"
	"runtime/pprof"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

var leakedChan = gls.New[chan int]("leaked")

// A leak starts a goroutine that waits for a channel that nothing but its stack
// and its bindings may reach, and returns when it is about to wait.
type leak func(about chan<- bool)

// leaks are what visibility.md says of the goroutine-leak profile, by the names
// of the functions, which stand in it.
var leaks = map[string]struct {
	leak leak
	seen bool
}{
	"leakUnbound":  {leakUnbound, true},
	"leakBound":    {leakBound, false},
	"leakWith":     {leakWith, true},
	"leakUnset":    {leakUnset, true},
	"leakSpawned":  {leakSpawned, false},
	"leakDetached": {leakDetached, true},
}

//go:noinline
func leakUnbound(about chan<- bool) {
	go func() { c := make(chan int); about <- true; <-c }()
}

//go:noinline
func leakBound(about chan<- bool) {
	go func() { c := make(chan int); leakedChan.Set(c); about <- true; <-c }()
}

//go:noinline
func leakWith(about chan<- bool) {
	go func() { c := make(chan int); leakedChan.With(c, func() {}); about <- true; <-c }()
}

//go:noinline
func leakUnset(about chan<- bool) {
	go func() {
		c := make(chan int)
		leakedChan.Set(c)
		leakedChan.Unset()
		about <- true
		<-c
	}()
}

//go:noinline
func leakSpawned(about chan<- bool) {
	c := make(chan int)
	leakedChan.With(c, func() { spawn.Go(func() { about <- true; <-c }) })
}

//go:noinline
func leakDetached(about chan<- bool) {
	c := make(chan int)
	leakedChan.With(c, func() { spawn.Detached(func() { about <- true; <-c }) })
}

// TestLeakProfile checks which leaks the goroutine-leak profile reports.
func TestLeakProfile(t *testing.T) {
	about := make(chan bool)
	for _, l := range leaks {
		l.leak(about)
		<-about
	}
	reported := func(name string) bool {
		var text bytes.Buffer
		require.NoError(t, pprof.Lookup("goroutineleak").WriteTo(&text, 2)) // lists all, and marks the leaked
		for _, trace := range strings.Split(text.String(), "\n\n") {
			if strings.Contains(trace, "docs_test."+name+".") {
				header, _, _ := strings.Cut(trace, "\n")
				return strings.Contains(header, "(leaked)")
			}
		}
		t.Errorf("%s is not listed in\n%s", name, &text)
		return false
	}
	for name, l := range leaks {
		// A goroutine that is about to wait may not wait yet.
		got := reported(name)
		for i := 0; i < 1000 && l.seen && !got; i++ {
			runtime.Gosched()
			got = reported(name)
		}
		require.Equal(t, l.seen, got, name)
	}
}
