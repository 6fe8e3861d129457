package glshttp

import (
	"net/http"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// Bind returns middleware that binds v, such as a user, a tenant or a locale,
// to what f returns while a request is served.
//
//	withUser := glshttp.Bind(user, func(r *http.Request) (string, bool) {
//		session, ok := sessions.Lookup(r)
//		return session.User, ok
//	})
//
// If f reports false, v stays as it is: unbound, unless earlier middleware
// bound it. f must return only what the server has verified, not a header that
// the client can choose. f runs on the request's goroutine and may read
// variables that earlier middleware bound. A panic in f is a panic of the
// handler.
//
// The binding ends when the next handler returns, so earlier middleware does
// not see it; the package comment has the order. It costs one allocation per
// request. Bind panics if v is nil, and with [gls.ErrNilFunc] if f is nil.
func Bind[T any](v *gls.Var[T], f func(r *http.Request) (T, bool)) func(http.Handler) http.Handler {
	mustVar("Bind", v == nil)
	glsadapter.MustFunc("glshttp.Bind", f == nil)
	return func(next http.Handler) http.Handler {
		mustHandler("Bind", next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if x, ok := f(r); ok {
				defer v.Set(x).Reset()
			}
			next.ServeHTTP(w, r)
		})
	}
}

// mustVar panics if isNil is true. where is the function that was given a nil
// variable.
func mustVar(where string, isNil bool) {
	glsadapter.MustValue("glshttp."+where, "*gls.Var", isNil)
}
