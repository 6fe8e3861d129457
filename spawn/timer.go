package spawn

import (
	"context"
	"time"

	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/inner"
	"github.com/seed18162548/contextvars/internal/registry"
)

// AfterFunc is like [time.AfterFunc], but f runs with the bindings of the
// goroutine that schedules f, captured now, policies of variables applied.
// Every firing, also after Timer.Reset, has a copy of its own; firings may
// overlap. A nil f panics with [gls.ErrNilFunc]. In Python: loop.call_later.
func AfterFunc(d time.Duration, f func()) *time.Timer {
	inner.MustFunc("spawn.AfterFunc", f == nil)
	root, run := current.Fork(), registry.Traced(f)
	return time.AfterFunc(d, func() { inherited(root, run) })
}

// ContextAfterFunc is like [context.AfterFunc], but f runs with the bindings
// of the goroutine that registers f, captured now, policies of variables
// applied; not those of the goroutine that cancels ctx. A nil f panics with
// [gls.ErrNilFunc]. In Python: Future.add_done_callback.
func ContextAfterFunc(ctx context.Context, f func()) (stop func() bool) {
	inner.MustFunc("spawn.ContextAfterFunc", f == nil)
	root, run := current.Fork(), registry.Traced(f)
	return context.AfterFunc(ctx, func() { inherited(root, run) })
}
