package glsfasthttp

import (
	"time"

	"github.com/valyala/fasthttp"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// contextKey is the key under which TimeoutHandler stores the Context in a
// RequestCtx.
type contextKey struct{}

// TimeoutHandler is like [fasthttp.TimeoutHandler] but h sees the bindings of
// the request, although fasthttp runs h on another goroutine. h runs in a copy
// of the current Context. What h sets is invisible outside, where code may go
// on after a timeout while h still runs. TimeoutHandler panics with
// [gls.ErrNilFunc] if h is nil.
func TimeoutHandler(h fasthttp.RequestHandler, timeout time.Duration, msg string) fasthttp.RequestHandler {
	glsadapter.MustFunc("glsfasthttp.TimeoutHandler", h == nil)
	within := fasthttp.TimeoutHandler(func(ctx *fasthttp.RequestCtx) {
		ctx.UserValue(contextKey{}).(*gls.Context).Run(func() { h(ctx) })
	}, timeout, msg)
	return func(ctx *fasthttp.RequestCtx) {
		ctx.SetUserValue(contextKey{}, gls.CopyContext())
		within(ctx)
	}
}
