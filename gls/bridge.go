package gls

import (
	"context"

	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/inner"
)

// snapshotKey is the key of the snapshot in a context.Context.
type snapshotKey struct{}

// A snapshot is what Into puts into a context.Context.
type snapshot struct{ root *binding.Cell }

// Into returns a context derived from ctx that carries the current bindings,
// all of them, spawn policies notwithstanding, for [RunFrom]. It is the bridge
// over code that passes a [context.Context] on but starts goroutines of its
// own.
func Into(ctx context.Context) context.Context {
	return context.WithValue(ctx, snapshotKey{}, snapshot{current.Capture()})
}

// RunFrom calls f in a copy of the bindings that ctx carries, in place of the
// current ones; if [Into] did not make ctx or one of its ancestors, or ctx is
// nil, in an empty Context. The snapshot itself never changes. A nil f panics
// with [ErrNilFunc].
func RunFrom(ctx context.Context, f func()) {
	inner.MustFunc("RunFrom", f == nil)
	var s snapshot
	if ctx != nil {
		s, _ = ctx.Value(snapshotKey{}).(snapshot)
	}
	contextOf(s.root).Run(f)
}
