package spawn

import (
	"sync"

	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/inner"
	"github.com/seed18162548/contextvars/internal/registry"
)

// A WaitGroup is like [sync.WaitGroup], but its Go hands the bindings on. The
// zero WaitGroup is ready for use. It must not be copied after first use.
type WaitGroup struct {
	wg sync.WaitGroup
}

// Go calls f in a new goroutine as the function [Go] does, and has Wait wait
// for it. A nil f panics with [gls.ErrNilFunc].
func (wg *WaitGroup) Go(f func()) {
	inner.MustFunc("WaitGroup.Go", f == nil)
	root, run := current.Fork(), registry.Traced(f)
	wg.wg.Add(1)
	go func() {
		returned := false
		defer func() {
			if returned || goingExit() {
				wg.wg.Done()
			}
		}()
		inherited(root, run)
		returned = true
	}()
}

// Add adds delta to the number of things to wait for, as sync.WaitGroup.Add.
func (wg *WaitGroup) Add(delta int) { wg.wg.Add(delta) }

// Done takes one off the number of things to wait for.
func (wg *WaitGroup) Done() { wg.wg.Done() }

// Wait blocks until the number of things to wait for is zero. The functions
// that were given to Go hold nothing in the registry by then.
func (wg *WaitGroup) Wait() { wg.wg.Wait() }
