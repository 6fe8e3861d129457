package spawn

import (
	"errors"

	"github.com/seed18162548/contextvars/gls"
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
	type child struct {
		c  *gls.Context
		in *registry.Context
	}
	children := make([]child, len(fs))
	for i := range children {
		children[i].c, children[i].in = fork()
	}
	tasks := make([]*Task[T], len(fs))
	for i, f := range fs {
		tasks[i] = startIn(children[i].c, children[i].in, registry.TracedTask(f))
	}
	values := make([]T, len(fs))
	errs := make([]error, len(fs))
	for i, t := range tasks {
		values[i], errs[i] = t.Wait()
	}
	return values, errors.Join(errs...)
}
