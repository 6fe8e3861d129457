package glshttp

import (
	"net/http"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsctx"
)

// A HandlerOption configures a [Handler]. A nil option is ignored.
type HandlerOption func(*isolator)

// BindContext makes [Handler] bind the request's context for package glsctx, so
// that glsctx.Current is cancelled when the client goes away, as r.Context is.
func BindContext() HandlerOption {
	return func(b *isolator) { b.bindContext = true }
}

// OnLeak sets a function that [Handler] calls after every request that left
// variables bound, with these variables. f runs on the request's goroutine,
// outside of the request's Context, even during a panic or [runtime.Goexit]. A
// panic in f is a panic of the handler. OnLeak panics with [gls.ErrNilFunc] if
// f is nil.
func OnLeak(f func(r *http.Request, leaked []gls.AnyVar)) HandlerOption {
	glsadapter.MustFunc("glshttp.OnLeak", f == nil)
	return func(b *isolator) { b.onLeak = f }
}

// An isolator is the handler that Handler returns. All fields are immutable.
type isolator struct {
	next        http.Handler
	bindContext bool
	onLeak      func(*http.Request, []gls.AnyVar)
}

// Handler returns a handler that isolates requests: for each it runs next in a
// new, empty [gls.Context], whatever is bound outside, so no request sees what
// an earlier one on the same connection left bound. What next itself leaves
// bound when it returns, panics, calls [runtime.Goexit] or has hijacked the
// connection is dropped with that Context and counted in [ReadStats]. Panics
// pass through unchanged.
//
// Put it outermost: bindings that another middleware makes outside are hidden
// inside. The package comment has the order of all middleware. Handler costs
// two allocations per request. It panics if next is nil.
func Handler(next http.Handler, opts ...HandlerOption) http.Handler {
	mustHandler("Handler", next)
	b := &isolator{next: next}
	for _, o := range opts {
		if o != nil {
			o(b)
		}
	}
	return b
}

// mustHandler panics if h is nil. where is the function that was given h.
func mustHandler(where string, h http.Handler) {
	glsadapter.MustValue("glshttp."+where, "http.Handler", h == nil)
}

func (b *isolator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
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
func (b *isolator) leave(c *gls.Context, r *http.Request) {
	counters.requests.Add(1)
	leaked := glsadapter.Leftover(c, nil)
	counters.leaks.Add(leaked)
	if len(leaked) > 0 && b.onLeak != nil {
		b.onLeak(r, leaked)
	}
}
