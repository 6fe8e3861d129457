// Package glsctx keeps a [context.Context] in a variable, for code that has no
// parameter for one but calls libraries that need one: an implementation of
// somebody else's interface, a method value, a template function.
//
//	err := db.PingContext(glsctx.Current())
//
// Pass a context explicitly where you can; this is for where you cannot. The
// variable is one like any other: it belongs to the current [gls.Context], is
// inherited through package spawn, and is not seen by a plain go statement.
//
// The edge binds it, once per request or job, with [With]; glshttp.Handler does
// so if it is given glshttp.BindContext. From there on, whoever derives a
// context and calls With again narrows it for its callees, so that the deadline
// and the cancellation of the edge hold all the way down. A goroutine that is
// spawned to outlive the request must leave them behind:
//
//	glsctx.With(context.WithoutCancel(glsctx.Current()), func() { spawn.Go(audit) })
package glsctx

import (
	"context"
	"errors"

	"github.com/seed18162548/contextvars/gls"
)

// ErrNilContext is what [With] and [Bind] panic with if they are given no
// context.
var ErrNilContext = errors.New("glsctx: context is nil")

var implicit = gls.New[context.Context]("context.Context")

// Current returns the context that is bound in the current Context, else
// [context.Background]. It never returns nil, and allocates nothing.
func Current() context.Context {
	if ctx, ok := implicit.Lookup(); ok {
		return ctx
	}
	return context.Background()
}

// With calls f with ctx as what [Current] returns, and restores what was there
// before, also if f panics or calls [runtime.Goexit]. Nothing is merged: derive
// ctx from Current for its deadline, cancellation and values to go on holding.
// A nil ctx panics with [ErrNilContext], a nil f with [gls.ErrNilFunc].
func With(ctx context.Context, f func()) {
	mustContext(ctx)
	implicit.With(ctx, f)
}

// Bind returns the binding of ctx for [gls.With]. It changes nothing by itself.
// A nil ctx panics with [ErrNilContext].
func Bind(ctx context.Context) gls.Binding {
	mustContext(ctx)
	return implicit.Bind(ctx)
}

// Or returns ctx if that says anything, else [Current]: an explicit context
// wins over the implicit one. A nil ctx says nothing, nor do
// [context.Background] and [context.TODO], which is what code passes that has
// no context to pass. Or allocates nothing.
//
// Nothing is merged here either: an explicit context that was not derived from
// the implicit one is not cancelled with it.
func Or(ctx context.Context) context.Context {
	if ctx == nil || ctx == context.Background() || ctx == context.TODO() {
		return Current()
	}
	return ctx
}

func mustContext(ctx context.Context) {
	if ctx == nil {
		panic(ErrNilContext)
	}
}
