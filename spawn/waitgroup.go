package spawn

import (
	"sync"

	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/hook"
	"github.com/seed18162548/contextvars/internal/registry"
)

// A WaitGroup is like [sync.WaitGroup] but the goroutines that its Go method
// starts inherit the caller's bindings. The zero WaitGroup is ready for use. It
// must not be copied after first use.
type WaitGroup struct {
	wg sync.WaitGroup
}

// Go calls f in a new goroutine as the function [Go] does and adds that
// goroutine to the WaitGroup. It panics with [gls.ErrNilFunc] if f is nil.
func (wg *WaitGroup) Go(f func()) {
	hook.MustFunc("WaitGroup.Go", f == nil)
	root, run := current.Fork(), registry.Traced(f)
	wg.wg.Add(1)
	go func() {
		returned := false
		defer func() {
			current.Cleanup()
			if returned || goingExit() {
				wg.wg.Done()
			}
		}()
		current.Inherit(root)
		run()
		returned = true
	}()
}

// Add adds delta to the counter, as sync.WaitGroup.Add does.
func (wg *WaitGroup) Add(delta int) { wg.wg.Add(delta) }

// Done decrements the counter by one.
func (wg *WaitGroup) Done() { wg.wg.Done() }

// Wait blocks until the counter is zero. By then the goroutines that Go started
// hold no state in the library.
func (wg *WaitGroup) Wait() { wg.wg.Wait() }
