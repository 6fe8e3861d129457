package glshttp

import (
	"net/http"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// ID is the variable that [RequestID] binds, unless [IDVar] names another. It
// must not be assigned to.
var ID = gls.New[string]("request_id")

// MaxID is the maximum length in bytes of a request ID that is accepted from
// outside. A W3C traceparent, one of the longest in wide use, has 55.
const MaxID = 128

// An IDOption configures [RequestID]. A nil option is ignored.
type IDOption interface{ applyID(*requestIDs) }

type idOption func(*requestIDs)

func (o idOption) applyID(c *requestIDs) { o(c) }

// IDHeader sets the name of the header that [RequestID] uses instead of
// X-Request-ID. It panics with glsexport.ErrName if glsexport.CheckHeader
// refuses name.
func IDHeader(name string) IDOption {
	if err := glsexport.CheckHeader(name); err != nil {
		panic(err)
	}
	key := http.CanonicalHeaderKey(name)
	return idOption(func(c *requestIDs) { c.header = key })
}

// IDValid sets the function that decides which IDs [RequestID] accepts. It is
// called only for IDs of 1 to [MaxID] bytes of visible ASCII. By default, an ID
// may contain letters, digits and -_.~:/+=@, which have no special meaning in
// log formats, shells, queries and pages. IDValid panics with [gls.ErrNilFunc]
// if valid is nil.
func IDValid(valid func(id string) bool) IDOption {
	glsadapter.MustFunc("glshttp.IDValid", valid == nil)
	return idOption(func(c *requestIDs) { c.valid = valid })
}

// IDGenerate sets the function that [RequestID] calls to make IDs, instead of
// [NewID]. It is called on the goroutines of requests. IDGenerate panics with
// [gls.ErrNilFunc] if generate is nil.
func IDGenerate(generate func() string) IDOption {
	glsadapter.MustFunc("glshttp.IDGenerate", generate == nil)
	return idOption(func(c *requestIDs) { c.generate = generate })
}

// IDVar sets the variable that [RequestID] binds instead of [ID]. It panics if
// v is nil.
func IDVar(v *gls.Var[string]) IDOption {
	mustVar("IDVar", v == nil)
	return idOption(func(c *requestIDs) { c.id = v })
}

// requestIDs is what the options of one RequestID add up to. All fields are
// immutable after RequestID.
type requestIDs struct {
	header   string // in canonical form
	id       *gls.Var[string]
	valid    func(string) bool
	generate func() string
	trust    func(*http.Request) bool // nil: anybody
}

// RequestID returns middleware that binds [ID] while a request is served and
// sends the ID to the client in the response header. If the request has exactly
// one header X-Request-ID and its value is valid (see [IDValid]), that is the
// ID; otherwise RequestID makes a new one (see [NewID]). Without [Trust],
// clients may choose the IDs of their requests, so an ID identifies a request
// in logs and proves nothing.
//
// A new ID is also stored in the request's header, in the map itself, so that a
// proxy inside passes it on and the next server does not make another one. A
// value that is refused, because it is too long, binary or otherwise invalid,
// is counted and discarded: r.Header is then replaced by a copy that has the
// new ID instead.
//
// The response header belongs to RequestID. Handlers inside cannot change it,
// and the response has it exactly once, even if a proxy inside adds the header
// of its backend. To ensure this, handlers get an [http.ResponseWriter] that
// wraps the server's. It implements [http.Flusher], [http.Hijacker],
// [http.Pusher] and [io.ReaderFrom] if the server's does, and
// [http.ResponseController] finds the rest. Only [http.MaxBytesReader] does not
// find the server through it, so the server may read some more of a body that
// is too large before it closes the connection.
func RequestID(opts ...IDOption) func(http.Handler) http.Handler {
	c := requestIDs{header: "X-Request-Id", id: ID, valid: glsadapter.PlainID, generate: NewID}
	for _, o := range opts {
		if o != nil {
			o.applyID(&c)
		}
	}
	return func(next http.Handler) http.Handler {
		mustHandler("RequestID", next)
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			reply := &reply{ResponseWriter: w, ids: &c}
			c.take(r, reply)
			defer c.id.Set(reply.id).Reset()
			next.ServeHTTP(reply.withOptionals(), r)
			reply.finish()
		})
	}
}

// take sets the ID of reply to the one of r or to a new one, and stores a new
// one in r's header.
func (c *requestIDs) take(r *http.Request, reply *reply) {
	values := r.Header[c.header]
	if len(values) == 1 && c.accepts(values[0], r) {
		reply.setID(values[0])
		return
	}
	reply.setID(c.generate())
	if len(values) > 0 {
		counters.refusedIDs.Add(1)
		// Do not change the map, which others may be reading, or copy r, whose
		// temporary files the server would not find.
		r.Header = glsadapter.Scrub(r.Header, c.header)
	}
	if r.Header == nil {
		r.Header = make(http.Header)
	}
	r.Header[c.header] = reply.request[:]
}

// accepts reports whether id may be the ID of r.
func (c *requestIDs) accepts(id string, r *http.Request) bool {
	if !glsadapter.VisibleID(id, MaxID) || !c.valid(id) {
		return false
	}
	if c.trust == nil || c.trust(r) {
		return true
	}
	// If an outer RequestID made the ID, it is not the client's.
	bound, ok := c.id.Lookup()
	return ok && bound == id
}
