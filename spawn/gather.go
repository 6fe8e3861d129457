package spawn

import (
	"errors"
	"sync"

	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/hook"
	"github.com/seed18162548/contextvars/internal/registry"
)

// Gather starts every function as [Start] does and waits for all of them, even
// if some fail. It returns their values in order and their errors joined in
// order, or nil if there were none. If a function is nil, Gather panics with
// [gls.ErrNilFunc]; then, and if an OnFork function of a variable panics, it
// starts none of the functions. In Python: asyncio.gather.
func Gather[T any](fs ...func() (T, error)) ([]T, error) {
	for _, f := range fs {
		hook.MustFunc("spawn.Gather", f == nil)
	}
	children := make([]child, len(fs))
	for i := range children {
		children[i].context.SetRoot(current.Fork())
	}
	values := make([]T, len(fs))
	var running sync.WaitGroup
	running.Add(len(fs))
	for i, f := range fs {
		c, value, run := &children[i], &values[i], registry.TracedTask(f)
		go func() {
			returned := false
			defer func() {
				c.leave()
				switch {
				case returned:
					running.Done()
				case goingExit():
					c.err = ErrGoexit
					running.Done()
				}
			}()
			current.EnterNew(&c.context)
			*value, c.err = run()
			returned = true
		}()
	}
	running.Wait()
	var errs []error
	for i := range children {
		if c := &children[i]; c.err != nil {
			errs = append(errs, c.err)
			c.err = nil // see leave
		}
	}
	return values, errors.Join(errs...)
}

// A child is a goroutine of Gather. Nobody else can reach its Context, which
// therefore need not be a gls.Context, nor be reserved.
type child struct {
	context registry.Context
	err     error
}

// leave ends the goroutine's stay in its Context, and forgets what it bound
// there: a token that is kept keeps all children of a Gather.
func (c *child) leave() {
	c.context.SetRoot(nil)
	current.ExitAndRemove(&c.context)
}
