package glsfasthttp

import (
	"errors"

	"github.com/valyala/fasthttp"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// Bind returns middleware that binds v to a [Copy] of what f returns while a
// request is served: a user, a tenant, a locale. So f may return strings and
// bytes of the request.
//
// If f reports false, v stays as it is: not bound, unless middleware in front
// bound it. What f returns is believed: it must come from what the server has
// verified, not from a header that the client can choose. f runs on the
// request's goroutine. The binding ends when the handler behind returns, so
// middleware in front, such as an access log, does not see it. A nil v panics,
// a nil f with [gls.ErrNilFunc].
func Bind[T any](v *gls.Var[T], f func(ctx *fasthttp.RequestCtx) (T, bool)) func(fasthttp.RequestHandler) fasthttp.RequestHandler {
	if v == nil {
		panic(errors.New("glsfasthttp: Bind of a nil *gls.Var"))
	}
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
