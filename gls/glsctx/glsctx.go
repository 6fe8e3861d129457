// Package glsctx keeps a [context.Context] in a variable, for code that has no
// parameter for one but calls libraries that need one: an implementation of
// another package's interface, a method value, a template function.
//
//	err := db.PingContext(glsctx.Current())
//
// Pass a context explicitly where you can; this package is for where you
// cannot. The variable is like any other: it belongs to the current
// [gls.Context], goroutines started by package spawn inherit it, and those
// started by a plain go statement do not see it.
//
// Bind it once per request or job, where that begins, with [With];
// glshttp.Handler does so if it is given glshttp.BindContext. Code further down
// that derives a context and calls With again narrows it for its callees, so
// the deadline and the cancellation of the request hold all the way down. A
// goroutine that is to outlive the request must leave them behind:
//
//	glsctx.With(context.WithoutCancel(glsctx.Current()), func() { spawn.Go(audit) })
package glsctx

import (
	"context"
	"errors"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/hook"
)

// ErrNilContext reports that a nil context was given to [With] or [Bind].
var ErrNilContext = errors.New("glsctx: context is nil")

var implicit = gls.New[context.Context]("context.Context")

// Current returns the context that is bound in the current [gls.Context], or
// [context.Background] if there is none. It never returns nil. It allocates
// nothing.
func Current() context.Context {
	if ctx, ok := implicit.Lookup(); ok {
		return ctx
	}
	return context.Background()
}

// With calls f while [Current] returns ctx, and restores what was bound before,
// even if f panics or calls [runtime.Goexit]. Nothing is merged: derive ctx
// from Current to keep its deadline, cancellation and values. With panics with
// [ErrNilContext] if ctx is nil and with [gls.ErrNilFunc] if f is nil.
func With(ctx context.Context, f func()) {
	mustContext("glsctx.With", ctx)
	implicit.With(ctx, f)
}

// Bind returns the binding of ctx for [gls.With]. It changes nothing by itself.
// It panics with [ErrNilContext] if ctx is nil.
func Bind(ctx context.Context) gls.Binding {
	mustContext("glsctx.Bind", ctx)
	return implicit.Bind(ctx)
}

// Or returns ctx, or [Current] if ctx is nil, [context.Background] or
// [context.TODO], which is what code passes that has no context to pass. So an
// explicit context takes precedence over the implicit one. Or allocates
// nothing.
//
// The two are not merged: an explicit context that was not derived from the
// implicit one is not cancelled with it.
func Or(ctx context.Context) context.Context {
	if ctx == nil || ctx == context.Background() || ctx == context.TODO() {
		return Current()
	}
	return ctx
}

func mustContext(where string, ctx context.Context) {
	if ctx == nil {
		panic(hook.Misuse(ErrNilContext, where))
	}
}
