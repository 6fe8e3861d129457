package glshttp

import (
	"errors"
	"net/http"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsctx"
)

// A HandlerOption configures a [Handler]. A nil option is ignored.
type HandlerOption func(*barrier)

// BindContext binds the request's context for package glsctx: glsctx.Current is
// then cancelled when the client goes away, as r.Context is.
func BindContext() HandlerOption {
	return func(b *barrier) { b.bindContext = true }
}

// OnLeak sets a function that [Handler] calls after every request that left
// variables bound, with these variables. f runs on the request's goroutine,
// after the Context was left, also while a panic or [runtime.Goexit] is under
// way. A panic in f is a panic of the handler. A nil f panics with
// [gls.ErrNilFunc].
func OnLeak(f func(r *http.Request, leaked []gls.AnyVar)) HandlerOption {
	glsadapter.MustFunc("glshttp.OnLeak", f == nil)
	return func(b *barrier) { b.onLeak = f }
}

// A barrier is the handler that Handler returns. All fields are immutable.
type barrier struct {
	next        http.Handler
	bindContext bool
	onLeak      func(*http.Request, []gls.AnyVar)
}

// Handler returns a handler that isolates requests: each runs next in a fresh,
// empty [gls.Context], whatever is bound around it. So no request sees what an
// earlier one of the same connection left bound. What next itself leaves bound
// when it returns, panics, calls [runtime.Goexit] or has hijacked the
// connection is dropped with that Context and counted in [ReadStats]. Panics
// pass through unchanged.
//
// Put it outermost: bindings that another middleware makes outside are hidden
// inside. The package comment has the order of all middleware. It costs two
// allocations per request. A nil next panics.
func Handler(next http.Handler, opts ...HandlerOption) http.Handler {
	mustHandler("Handler", next)
	b := &barrier{next: next}
	for _, o := range opts {
		if o != nil {
			o(b)
		}
	}
	return b
}

// mustHandler panics if the function called where was given no handler.
func mustHandler(where string, h http.Handler) {
	if h == nil {
		panic(errors.New("glshttp: " + where + " of a nil http.Handler"))
	}
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
	leaked := glsadapter.Leftover(c, nil)
	counters.leaks.Add(leaked)
	if len(leaked) > 0 && b.onLeak != nil {
		b.onLeak(r, leaked)
	}
}
