package gls

import (
	"context"

	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/hook"
)

// snapshotKey is the key of the snapshot in a context.Context.
type snapshotKey struct{}

// A snapshot is what Into puts into a context.Context.
type snapshot struct{ root *binding.Cell }

// Into returns a context derived from ctx that carries all current bindings,
// regardless of spawn policies, for [RunFrom]. It is for code that passes a
// [context.Context] on but starts its own goroutines.
func Into(ctx context.Context) context.Context {
	return context.WithValue(ctx, snapshotKey{}, snapshot{current.Capture()})
}

// RunFrom calls f with a copy of the bindings that ctx carries, in place of the
// current ones. If ctx is nil or was not derived from a context that [Into]
// returned, f runs in an empty Context. What f sets does not change what ctx
// carries. RunFrom panics with [ErrNilFunc] if f is nil.
func RunFrom(ctx context.Context, f func()) {
	hook.MustFunc("RunFrom", f == nil)
	var s snapshot
	if ctx != nil {
		s, _ = ctx.Value(snapshotKey{}).(snapshot)
	}
	contextOf(s.root).Run(f)
}
