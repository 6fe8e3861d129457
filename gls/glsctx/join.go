package glsctx

import (
	"context"
	"errors"
	"reflect"
)

// Explicit reports whether ctx carries values. nil, [context.Background],
// [context.TODO], and contexts that package context derived from these for a
// cancellation or a deadline alone do not. Contexts of all other types do.
//
// Code that has a context to pass usually passes one with values, such as a
// request's or one with a span. A context without values often comes from a
// library instead: a [net/http.Client] with a Timeout derives one from
// [context.Background]. [Join] adds the values of [Current] to such contexts.
func Explicit(ctx context.Context) bool {
	if ctx == nil || ctx == context.Background() || ctx == context.TODO() {
		return false
	}
	// Package context does not say whether a context has values, but its types do.
	// A type that is not known counts as explicit.
	v := reflect.ValueOf(ctx)
	for v.IsValid() {
		t := v.Type()
		if t.Kind() == reflect.Pointer {
			v = v.Elem()
			t = t.Elem()
		}
		if t.PkgPath() != "context" || !v.IsValid() {
			return true
		}
		switch t.Name() {
		case "backgroundCtx", "todoCtx":
			return false
		case "timerCtx": // embeds a cancelCtx
			v = v.Field(0)
		case "cancelCtx", "stopCtx": // embed their parent, an interface
			if v = v.Field(0); v.Kind() != reflect.Interface {
				return true
			}
			v = v.Elem()
		default:
			return true
		}
	}
	return true
}

// Join returns a context with the values of [Current] that ends when Current or
// ctx does, whichever is first, and with its error. If ctx is [Explicit], Join
// returns ctx itself; if ctx is never done, Join returns Current.
//
// Call stop when the work that the context was joined for is done. It ends the
// joined context and releases its resources; until then, ctx refers to it. stop
// may be called more than once.
func Join(ctx context.Context) (joined context.Context, stop func()) {
	if Explicit(ctx) {
		return ctx, func() {}
	}
	if ctx == nil || ctx.Done() == nil {
		return Current(), func() {}
	}
	joined, cancel := context.WithCancelCause(Current())
	expire := func() {}
	deadline, limited := ctx.Deadline()
	if limited {
		joined, expire = context.WithDeadline(joined, deadline)
	}
	unregister := context.AfterFunc(ctx, func() {
		if limited && errors.Is(ctx.Err(), context.DeadlineExceeded) {
			return // joined has that deadline too, and says so
		}
		cancel(context.Cause(ctx))
	})
	return joined, func() {
		unregister()
		cancel(nil)
		expire()
	}
}
