package glshttp

import (
	"net/http"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// ID is the variable that [RequestID] binds, unless it is told another. It must
// not be assigned to.
var ID = gls.New[string]("request_id")

// MaxID is the length of the longest request ID that is accepted from outside,
// in bytes. A W3C traceparent, among the longest in wide use, has 55.
const MaxID = 128

// An IDOption configures [RequestID].
type IDOption interface{ applyID(*requestIDs) }

type idOption func(*requestIDs)

func (o idOption) applyID(c *requestIDs) { o(c) }

// IDHeader has [RequestID] use the header name instead of X-Request-ID. It panics
// with glsexport.ErrName if name is not fit for that.
func IDHeader(name string) IDOption {
	if err := glsexport.CheckHeader(name); err != nil {
		panic(err)
	}
	return idOption(func(c *requestIDs) { c.header = name })
}

// IDValid has [RequestID] accept the IDs for which valid returns true. It is only
// asked about IDs of 1 to [MaxID] bytes of visible ASCII. By default, letters,
// digits and -_.~:/+=@ are valid, which no log format, shell, query or page
// gives a meaning that matters. A nil valid panics with [gls.ErrNilFunc].
func IDValid(valid func(id string) bool) IDOption {
	mustFunc("IDValid", valid == nil)
	return idOption(func(c *requestIDs) { c.valid = valid })
}

// IDGenerate has [RequestID] make IDs with generate instead of [NewID]. It is
// called by the goroutines of requests. A nil generate panics with
// [gls.ErrNilFunc].
func IDGenerate(generate func() string) IDOption {
	mustFunc("IDGenerate", generate == nil)
	return idOption(func(c *requestIDs) { c.generate = generate })
}

// IDVar has [RequestID] bind v instead of [ID].
func IDVar(v *gls.Var[string]) IDOption {
	return idOption(func(c *requestIDs) { c.id = v })
}

type requestIDs struct {
	// All fields are immutable after RequestID.

	header   string
	id       *gls.Var[string]
	valid    func(string) bool
	generate func() string
	trust    func(*http.Request) bool
}

// RequestID returns middleware that binds [ID] while a request is served, and
// sets the response header to it. The ID is that of the request's header
// X-Request-ID if there is exactly one and it is valid ([IDValid]), else a new
// one ([NewID]). Anybody may choose the ID of their requests, unless [Trust]
// says who; so it identifies a request in logs and nothing else.
//
// A value that is refused, because it is overlong, binary or otherwise not
// valid, is counted and goes nowhere: in the request that the next handler
// gets, the header has the new ID in its place, so that neither a log nor a
// proxy behind repeats it.
func RequestID(opts ...IDOption) func(http.Handler) http.Handler {
	c := requestIDs{header: "X-Request-ID", id: ID, valid: plainID, generate: NewID}
	for _, o := range opts {
		o.applyID(&c)
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			id := c.take(r)
			w.Header().Set(c.header, id)
			defer c.id.Set(id).Reset()
			next.ServeHTTP(w, r)
		})
	}
}

// take returns the ID for r, which it changes only to get rid of a refused one.
func (c *requestIDs) take(r *http.Request) string {
	values := r.Header.Values(c.header)
	if len(values) == 0 {
		return c.generate()
	}
	if len(values) == 1 && visible(values[0]) && c.valid(values[0]) && (c.trust == nil || c.trust(r)) {
		return values[0]
	}
	counters.refusedIDs.Add(1)
	id := c.generate()
	// Neither the map, which others may be reading, nor a copy of r, whose
	// temporary files the server would not find.
	r.Header = r.Header.Clone()
	r.Header.Set(c.header, id)
	return id
}

// visible reports whether s has 1 to MaxID bytes, all visible ASCII.
func visible(s string) bool {
	if s == "" || len(s) > MaxID {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// plainID is the default of IDValid.
func plainID(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z':
		case c == '-', c == '_', c == '.', c == '~', c == ':', c == '/', c == '+', c == '=', c == '@':
		default:
			return false
		}
	}
	return true
}
