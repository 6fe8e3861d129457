package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/gls/glshttp"
)

// The headers that the edge reads and sets in responses.
const (
	requestHeader = "X-Request-Id"
	userHeader    = "X-User"
	traceHeader   = "X-Trace-Id"
)

// patience is how long a request may take.
const patience = 30 * time.Second

// edge returns a handler that binds the identity and the deadline of each
// request and calls next.
//
// [glshttp.Handler] is outermost and runs every request in a new Context:
// net/http serves all requests of a keep-alive connection on one goroutine, so
// a request would see what an earlier one set.
func edge(next http.Handler) http.Handler {
	next = access(within(patience, next))
	next = glshttp.RequestID(glshttp.IDValid(wellFormed))(identify(next))
	return glshttp.Handler(next, glshttp.BindContext())
}

// identify returns a handler that binds the user and the trace of a request,
// and adds them to the response. It takes the place of real authentication: it
// believes the headers.
func identify(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		gls.With(func() {
			w.Header().Set(userHeader, user.Get())
			w.Header().Set(traceHeader, traceID.Get())
			next.ServeHTTP(w, r)
		},
			user.Bind(accept(r, userHeader, anonymous)),
			traceID.Bind(accept(r, traceHeader, newTrace)),
			agent.Bind(r.UserAgent()))
	})
}

// accept returns the value of a header, or the result of otherwise if there is
// none or it is not well-formed.
func accept(r *http.Request, header string, otherwise func() string) string {
	if id := r.Header.Get(header); wellFormed(id) {
		return id
	}
	return otherwise()
}

func anonymous() string { return "anonymous" }

// newTrace returns 16 random hexadecimal digits.
func newTrace() string { return fmt.Sprintf("%016x", rand.Uint64()) }

// within returns a handler that limits next to the time d: whatever uses
// [glsctx.Current], such as statements and calls for the request, then fails,
// as it does when the client goes away.
func within(d time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(glsctx.Current(), d)
		defer cancel()
		glsctx.With(ctx, func() { next.ServeHTTP(w, r) })
	})
}
