package glshttp

import (
	"errors"
	"net/http"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// Bind returns middleware that binds v to what f returns while a request is
// served: a user, a tenant, a locale.
//
//	withUser := glshttp.Bind(user, func(r *http.Request) (string, bool) {
//		session, ok := sessions.Lookup(r)
//		return session.User, ok
//	})
//
// If f reports false, v stays as it is: not bound, unless middleware in front
// bound it. What f returns is believed: it must come from what the server has
// verified, not from a header that the client can choose. f runs on the
// request's goroutine and may read variables that middleware in front bound. A
// panic in f is a panic of the handler.
//
// The binding ends when the handler behind returns, so middleware in front does
// not see it; the package comment has the order. It costs one allocation per
// request. A nil v panics, a nil f with [gls.ErrNilFunc].
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

// mustVar panics if the variable that was given to where is nil.
func mustVar(where string, isNil bool) {
	if isNil {
		panic(errors.New("glshttp: " + where + " of a nil *gls.Var"))
	}
}
