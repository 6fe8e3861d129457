package glsfasthttp

import (
	"github.com/valyala/fasthttp"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// Bind returns middleware that binds v, such as a user, a tenant or a locale,
// to a [Copy] of what f returns while a request is served. f may therefore
// return strings and bytes of the request.
//
// If f reports false, v stays as it is: unbound, unless earlier middleware
// bound it. f must return only what the server has verified, not a header that
// the client can choose. f runs on the request's goroutine. The binding ends
// when the next handler returns, so earlier middleware, such as an access log,
// does not see it. Bind panics if v is nil, and with [gls.ErrNilFunc] if f is
// nil.
func Bind[T any](v *gls.Var[T], f func(ctx *fasthttp.RequestCtx) (T, bool)) func(fasthttp.RequestHandler) fasthttp.RequestHandler {
	glsadapter.MustValue("glsfasthttp.Bind", "*gls.Var", v == nil)
	glsadapter.MustFunc("glsfasthttp.Bind", f == nil)
	return func(next fasthttp.RequestHandler) fasthttp.RequestHandler {
		glsadapter.MustFunc("glsfasthttp.Bind", next == nil)
		return func(ctx *fasthttp.RequestCtx) {
			if x, ok := f(ctx); ok {
				defer v.Set(Copy(x)).Reset()
			}
			next(ctx)
		}
	}
}
