package spawn

import (
	"context"
	"fmt"

	"golang.org/x/sync/errgroup"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/registry"
)

// A Group is an [errgroup.Group] whose goroutines get the bindings that their
// starter has at its call of Go. The zero Group is valid, has no limit and
// cancels nothing. A Group must not be copied after first use. It is
// asyncio.TaskGroup.
type Group struct {
	zero errgroup.Group
	made *errgroup.Group // by WithContext, in place of zero

	// slots holds a token for each running goroutine, nil without a limit. The
	// limit is not errgroup's: TryGo has to know that a function will start
	// before it calls the OnFork functions, once per start.
	slots chan struct{}
}

// WithContext returns a Group and a context derived from ctx, which is cancelled
// when a function of the Group first returns an error or when Wait returns.
func WithContext(ctx context.Context) (*Group, context.Context) {
	g, ctx := errgroup.WithContext(ctx)
	return &Group{made: g}, ctx
}

// Go calls f in a new goroutine, with bindings as under the function [Go],
// captured before it blocks. It blocks while the limit is reached. The first
// error of a function cancels the Group's context and is what Wait returns.
func (g *Group) Go(f func() error) {
	mustFunc("Group.Go", f == nil)
	root, run := current.Fork(), registry.TracedErr(f)
	g.acquire()
	g.start(carrying(root, run))
}

// GoIn calls f in a new goroutine, in c itself, as the function [GoIn] does. c is
// entered at once, even if GoIn blocks because the limit is reached.
func (g *Group) GoIn(c *gls.Context, f func() error) {
	mustFunc("Group.GoIn", f == nil)
	in, run := reserve(c), registry.TracedErr(f)
	g.acquire()
	g.start(func() (err error) {
		within(in, func() { err = run() })
		return err
	})
}

// TryGo is [Group.Go] if that does not have to block. It reports whether it
// started f.
func (g *Group) TryGo(f func() error) bool {
	mustFunc("Group.TryGo", f == nil)
	if g.slots != nil {
		select {
		case g.slots <- struct{}{}:
		default:
			return false
		}
	}
	started := false
	defer func() {
		if !started { // an OnFork function panicked
			g.release()
		}
	}()
	root, run := current.Fork(), registry.TracedErr(f)
	started = true
	g.start(carrying(root, run))
	return true
}

// SetLimit limits the number of running goroutines to n; a negative n means no
// limit, and 0 that none starts. It panics if any is running.
func (g *Group) SetLimit(n int) {
	if len(g.slots) > 0 {
		panic(fmt.Errorf("spawn: limit of a Group set while %d of its goroutines run", len(g.slots)))
	}
	if n < 0 {
		g.slots = nil
		return
	}
	g.slots = make(chan struct{}, n)
}

// Wait blocks until all functions have returned, and returns the first error.
// The goroutines hold nothing in the registry by then.
func (g *Group) Wait() error { return g.group().Wait() }

func (g *Group) group() *errgroup.Group {
	if g.made != nil {
		return g.made
	}
	return &g.zero
}

// start calls f in a new goroutine, whose slot was acquired.
func (g *Group) start(f func() error) {
	g.group().Go(func() error {
		defer g.release()
		return f()
	})
}

func (g *Group) acquire() {
	if g.slots != nil {
		g.slots <- struct{}{}
	}
}

func (g *Group) release() {
	if g.slots != nil {
		<-g.slots
	}
}

// carrying returns f with root as its base Context, for a new goroutine.
func carrying(root *binding.Cell, f func() error) func() error {
	return func() (err error) {
		inherited(root, func() { err = f() })
		return err
	}
}
