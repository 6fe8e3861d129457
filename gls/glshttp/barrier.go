package glshttp

import (
	"net/http"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsctx"
)

// A HandlerOption configures a [Handler].
type HandlerOption interface{ applyHandler(*barrier) }

type handlerOption func(*barrier)

func (o handlerOption) applyHandler(b *barrier) { o(b) }

// BindContext has [Handler] bind the request's context for package glsctx:
// glsctx.Current is then cancelled when the client goes away, as r.Context is.
func BindContext() HandlerOption {
	return handlerOption(func(b *barrier) { b.bindContext = true })
}

// OnLeak has [Handler] call f after every request that left variables bound,
// with these variables. f runs on the request's goroutine, after its Context was
// left, also while a panic or [runtime.Goexit] is under way; a panic in f is
// the handler's. A nil f panics with [gls.ErrNilFunc].
func OnLeak(f func(r *http.Request, leaked []gls.AnyVar)) HandlerOption {
	mustFunc("OnLeak", f == nil)
	return handlerOption(func(b *barrier) { b.onLeak = f })
}

type barrier struct {
	// All fields are immutable after Handler.

	next        http.Handler
	bindContext bool
	onLeak      func(*http.Request, []gls.AnyVar)
}

// Handler returns the barrier in front of next: every request runs in a fresh,
// empty [gls.Context], whatever is bound around it, so no request sees what
// another one of the same connection left bound. What next itself leaves bound
// when it returns, panics, calls [runtime.Goexit] or has hijacked the connection
// is dropped with that Context, and counted in [ReadStats]. Panics pass through
// as they are.
//
// Put the barrier outermost: bindings that are made outside of it, by another
// middleware, are hidden inside. It costs two allocations a request.
func Handler(next http.Handler, opts ...HandlerOption) http.Handler {
	b := &barrier{next: next}
	for _, o := range opts {
		o.applyHandler(b)
	}
	return b
}

func (b *barrier) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := gls.NewContext()
	defer b.leave(c, r)
	c.Run(func() {
		if !b.bindContext {
			b.next.ServeHTTP(w, r)
			return
		}
		glsctx.With(r.Context(), func() { b.next.ServeHTTP(w, r) })
	})
}

// leave counts the request and what it left bound in c.
func (b *barrier) leave(c *gls.Context, r *http.Request) {
	counters.requests.Add(1)
	leaked := leftover(c, nil)
	if len(leaked) == 0 {
		return
	}
	counters.leak(leaked)
	if b.onLeak != nil {
		b.onLeak(r, leaked)
	}
}

// leftover returns the variables that are bound in c and not in before. It
// allocates nothing if there are none.
func leftover(c, before *gls.Context) (vars []gls.AnyVar) {
	known := 0
	if before != nil {
		known = before.Len()
	}
	if c.Len() == known {
		return nil // nothing can be unbound for good in a copy of before
	}
	c.Range(func(v gls.AnyVar, _ any) bool {
		if before == nil || !before.Has(v) {
			vars = append(vars, v)
		}
		return true
	})
	return vars
}
