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

// The headers that the edge reads, and answers with.
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
// The barrier, [glshttp.Handler], is outermost, so that every request gets a
// Context of its own: net/http serves all requests of a keep-alive connection
// on one goroutine, where a plain Set would be seen by the connection's next
// one.
func edge(next http.Handler) http.Handler {
	next = access(within(patience, next))
	next = glshttp.RequestID(glshttp.IDValid(wellFormed))(identify(next))
	return glshttp.Handler(next, glshttp.BindContext())
}

// identify returns a handler that binds who sends a request, and answers the
// user and the trace. It stands for whatever finds that out: it believes what
// it is told.
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

// accept returns the value of a header, or what otherwise returns if there is
// none that is well-formed.
func accept(r *http.Request, header string, otherwise func() string) string {
	if id := r.Header.Get(header); wellFormed(id) {
		return id
	}
	return otherwise()
}

func anonymous() string { return "anonymous" }

// newTrace returns 16 random hexadecimal digits.
func newTrace() string { return fmt.Sprintf("%016x", rand.Uint64()) }

// within returns a handler that gives next so much time: what is done for the
// request by way of [glsctx.Current], such as its statements and its calls,
// fails then, and also as soon as the client goes away.
func within(d time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, cancel := context.WithTimeout(glsctx.Current(), d)
		defer cancel()
		glsctx.With(ctx, func() { next.ServeHTTP(w, r) })
	})
}
