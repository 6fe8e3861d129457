package spawn

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/hook"
	"github.com/seed18162548/contextvars/internal/registry"
)

var errRunning = errors.New("spawn: limit of a Group set while its goroutines run")

// A Group is like errgroup.Group of golang.org/x/sync but its goroutines
// inherit the bindings that the caller of Go has at that moment, and Wait does
// not return while a panic in one of its functions is about to crash the
// program. The zero Group is valid, has no limit and does not cancel on error.
// A Group must not be copied after first use. In Python: asyncio.TaskGroup.
type Group struct {
	cancel context.CancelCauseFunc // by WithContext; immutable
	wg     sync.WaitGroup

	once sync.Once
	err  error // the first error; guarded by once

	// slots holds an element for each running goroutine; nil without a limit.
	// immutable while goroutines run
	slots chan struct{}
}

// WithContext returns a new Group and a context derived from ctx. The context
// is cancelled the first time that a function of the Group returns an error,
// with that error as the cause, or when Wait returns.
func WithContext(ctx context.Context) (*Group, context.Context) {
	ctx, cancel := context.WithCancelCause(ctx)
	return &Group{cancel: cancel}, ctx
}

// Go calls f in a new goroutine with bindings as the function [Go] does. It
// captures them first and then blocks until the goroutine can be started
// without exceeding the limit. The first error that a function returns cancels
// the Group's context and is returned by Wait.
func (g *Group) Go(f func() error) {
	hook.MustFunc("Group.Go", f == nil)
	root, run := current.Fork(), registry.TracedErr(f)
	if g.slots != nil {
		g.slots <- struct{}{}
	}
	g.start(root, run)
}

// GoIn calls f in a new goroutine, in c itself, as the function [GoIn] does. It
// enters c first and then blocks until the goroutine can be started without
// exceeding the limit.
func (g *Group) GoIn(c *gls.Context, f func() error) {
	hook.MustFunc("Group.GoIn", f == nil)
	in, run := reserve(c), registry.TracedErr(f)
	if g.slots != nil {
		g.slots <- struct{}{}
	}
	g.wg.Add(1)
	go func() {
		returned := false
		defer func() {
			if returned || goingExit() {
				g.done()
			}
		}()
		within(in, func() { g.fail(run()) })
		returned = true
	}()
}

// TryGo is like [Group.Go] but does nothing if that would block. It reports
// whether it started f.
func (g *Group) TryGo(f func() error) bool {
	hook.MustFunc("Group.TryGo", f == nil)
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
			g.releaseSlot()
		}
	}()
	root, run := current.Fork(), registry.TracedErr(f)
	started = true
	g.start(root, run)
	return true
}

// SetLimit limits the number of running goroutines to n. A negative n means no
// limit; with a limit of 0, none can be started. SetLimit panics if a goroutine
// of the Group is running.
func (g *Group) SetLimit(n int) {
	if len(g.slots) > 0 {
		err := hook.Misuse(errRunning, fmt.Sprintf("%d of them, spawn.Group.SetLimit", len(g.slots)))
		panic(fmt.Errorf("%w; set it before the first Go", err))
	}
	if n < 0 {
		g.slots = nil
		return
	}
	g.slots = make(chan struct{}, n)
}

// Wait blocks until all functions have returned, and returns the first error.
// By then the goroutines hold no state in the library. If one of the functions
// panics, Wait does not return: the program crashes.
func (g *Group) Wait() error {
	g.wg.Wait()
	if g.cancel != nil {
		g.cancel(g.err)
	}
	return g.err
}

// start calls f in a new goroutine whose base Context has the bindings of root.
// The caller must have acquired a slot.
func (g *Group) start(root *binding.Cell, f func() error) {
	g.wg.Add(1)
	go func() {
		returned := false
		defer func() {
			current.Cleanup()
			// Not after a panic, as errgroup does: Wait could return, and the program end
			// as if all had gone well, before the crash.
			if returned || goingExit() {
				g.done()
			}
		}()
		current.Inherit(root)
		g.fail(f())
		returned = true
	}()
}

// fail keeps err if it is the first error.
func (g *Group) fail(err error) {
	if err == nil {
		return
	}
	g.once.Do(func() {
		g.err = err
		if g.cancel != nil {
			g.cancel(err)
		}
	})
}

// done marks one goroutine as ended.
func (g *Group) done() {
	g.releaseSlot()
	g.wg.Done()
}

func (g *Group) releaseSlot() {
	if g.slots != nil {
		<-g.slots
	}
}
