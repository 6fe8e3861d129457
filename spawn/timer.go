package spawn

import (
	"context"
	"time"

	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/hook"
	"github.com/seed18162548/contextvars/internal/registry"
)

// AfterFunc is like [time.AfterFunc] but f runs with the bindings that a
// goroutine started by [Go] would inherit now. Each call of f, including those
// after Timer.Reset, has its own copy of them; calls may overlap. AfterFunc
// panics with [gls.ErrNilFunc] if f is nil. In Python: loop.call_later.
func AfterFunc(d time.Duration, f func()) *time.Timer {
	hook.MustFunc("spawn.AfterFunc", f == nil)
	root, run := current.Fork(), registry.Traced(f)
	return time.AfterFunc(d, func() { inherited(root, run) })
}

// ContextAfterFunc is like [context.AfterFunc] but f runs with the bindings
// that a goroutine started by [Go] would inherit now, not with those of the
// goroutine that cancels ctx. ContextAfterFunc panics with [gls.ErrNilFunc] if
// f is nil. In Python: Future.add_done_callback.
func ContextAfterFunc(ctx context.Context, f func()) (stop func() bool) {
	hook.MustFunc("spawn.ContextAfterFunc", f == nil)
	root, run := current.Fork(), registry.Traced(f)
	return context.AfterFunc(ctx, func() { inherited(root, run) })
}
