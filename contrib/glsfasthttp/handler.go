package glsfasthttp

import (
	"github.com/valyala/fasthttp"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// A HandlerOption configures a [Handler]. A nil option is ignored.
type HandlerOption func(*isolator)

// OnLeak sets a function that [Handler] calls after every request that left
// variables bound, with these variables. f runs on the request's goroutine,
// outside of the request's Context, even during a panic or [runtime.Goexit]. A
// panic in f is a panic of the handler. OnLeak panics with [gls.ErrNilFunc] if
// f is nil.
func OnLeak(f func(ctx *fasthttp.RequestCtx, leaked []gls.AnyVar)) HandlerOption {
	glsadapter.MustFunc("glsfasthttp.OnLeak", f == nil)
	return func(b *isolator) { b.onLeak = f }
}

// An isolator runs each request in a new Context. All fields are immutable.
type isolator struct {
	next   fasthttp.RequestHandler
	onLeak func(*fasthttp.RequestCtx, []gls.AnyVar)
}

// Handler returns a handler that isolates requests: for each it runs next in a
// new, empty [gls.Context], whatever is bound outside, so no request sees what
// an earlier one, on this connection or on another that the same goroutine
// served, left bound. What next itself leaves bound is dropped with that
// Context and counted in [ReadStats]. Panics pass through unchanged.
//
// Put it outermost: bindings that other middleware makes outside are hidden
// inside. Handler panics with [gls.ErrNilFunc] if next is nil.
func Handler(next fasthttp.RequestHandler, opts ...HandlerOption) fasthttp.RequestHandler {
	glsadapter.MustFunc("glsfasthttp.Handler", next == nil)
	b := &isolator{next: next}
	for _, o := range opts {
		if o != nil {
			o(b)
		}
	}
	return b.serve
}

func (b *isolator) serve(ctx *fasthttp.RequestCtx) {
	c := gls.NewContext()
	defer b.leave(c, ctx)
	c.Run(func() { b.next(ctx) })
}

// leave counts the request and what it left bound in c.
func (b *isolator) leave(c *gls.Context, ctx *fasthttp.RequestCtx) {
	counters.requests.Add(1)
	leaked := glsadapter.Leftover(c, nil)
	counters.leaks.Add(leaked)
	if len(leaked) > 0 && b.onLeak != nil {
		b.onLeak(ctx, leaked)
	}
}
