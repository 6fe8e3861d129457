package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/examples/internal/paint"
)

func Example() {
	main()
	// Output:
	// A variable, and the tokens that undo its Sets
	//   unset:                hello, nobody
	//   set twice:            hello, ben
	//   one Set undone:       hello, ann
	//   undone again:         gls: token has been used already
	//   for one call:         hello, cleo
	// A Context, and what is set in it
	//   inside, afterwards:   dan
	//   outside:              hello, ann
	//   run in it again:      hello, dan
	//   while one is in it:   gls: Context is entered already
	// Goroutines, and what they are given
	//   a go statement:       hello, nobody
	//   spawn.Start:          hello, ann
	//   after a Set there:    hello, ann
	//   in its Context:       hello, eva
	//   spawn.Detached:       hello, nobody
	// A callback, and the bindings that it is called with
	//   when it is called:    hello, nobody
	//   when it was wrapped:  hello, ann
	// A request's way through goroutines, and whom each of them sees
	//   a request ───────────── ann     its goroutine binds the user
	//   ├─ spawn.Go ─────────── ann     asks a supplier
	//   │  └─ spawn.Go ──────── ann     and that one, another
	//   ├─ gls.Wrap ─────────── ann     a job in a pool
	//   ├─ spawn.Go ─────────── eva     sets another user, in its copy
	//   ├─ spawn.Detached ───── nobody  works for the process, so for nobody
	//   └─ go ───────────────── nobody  forgotten: the user is lost
	//   the request ─────────── ann     ends as it began
}

// What is lost stands out, in the picture as it is at a terminal.
func TestPictureHasColours(t *testing.T) {
	var w bytes.Buffer
	p := paint.Painter(true)
	draw(&w, p)
	lines := strings.Split(w.String(), "\n")
	require.Contains(t, lines[6], p.Bad("nobody "))
	require.Contains(t, lines[1], p.Good("ann    "))
	require.NotContains(t, lines[5], "\x1b", "what is meant to have nobody is neither")
}
