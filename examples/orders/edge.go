package main

import (
	"crypto/rand"
	"encoding/hex"
	"net/http"

	"github.com/seed18162548/contextvars/gls"
)

// The headers that the edge reads, and answers with.
const (
	requestHeader = "X-Request-Id"
	userHeader    = "X-User"
	traceHeader   = "X-Trace-Id"
)

// edge returns a handler that binds the identity of each request and calls next.
//
// Every request gets a Context of its own, by [gls.Isolate]: net/http serves all
// requests of a keep-alive connection on one goroutine, where a plain Set would
// be seen by the connection's next request.
func edge(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		gls.Isolate(func() {
			requestID.Set(accept(r, requestHeader, newID))
			user.Set(accept(r, userHeader, anonymous))
			traceID.Set(accept(r, traceHeader, newID))

			who := current()
			w.Header().Set(requestHeader, who.Request)
			w.Header().Set(userHeader, who.User)
			w.Header().Set(traceHeader, who.Trace)
			next.ServeHTTP(w, r)
		})
	})
}

// accept returns the value of a header, or what otherwise returns if there is
// none that may stand in a log: the sender may be anybody.
func accept(r *http.Request, header string, otherwise func() string) string {
	if id := r.Header.Get(header); wellFormed(id) {
		return id
	}
	return otherwise()
}

// wellFormed reports whether id has 1 to 64 letters, digits, dots, dashes and
// underscores and nothing else.
func wellFormed(id string) bool {
	for _, c := range []byte(id) {
		switch {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9':
		case c == '.', c == '-', c == '_':
		default:
			return false
		}
	}
	return 1 <= len(id) && len(id) <= 64
}

// newID returns 16 random hexadecimal digits.
func newID() string {
	var b [8]byte
	rand.Read(b[:]) // never fails
	return hex.EncodeToString(b[:])
}

func anonymous() string { return "anonymous" }
