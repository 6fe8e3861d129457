package glsfasthttp

import (
	"github.com/valyala/fasthttp"

	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/gls/glshttp"
)

// An IDOption configures [RequestID]. A nil option is ignored.
type IDOption func(*requestIDs)

// IDHeader sets the name of the header that [RequestID] uses instead of
// X-Request-ID. It panics with glsexport.ErrName if glsexport.CheckHeader
// refuses name.
func IDHeader(name string) IDOption {
	if err := glsexport.CheckHeader(name); err != nil {
		panic(err)
	}
	return func(c *requestIDs) { c.header = name }
}

// IDValid sets the function that decides which IDs [RequestID] accepts. It is
// called only for IDs of 1 to [glshttp.MaxID] bytes of visible ASCII. By
// default, an ID may contain letters, digits and -_.~:/+=@. IDValid panics with
// [gls.ErrNilFunc] if valid is nil.
func IDValid(valid func(id string) bool) IDOption {
	glsadapter.MustFunc("glsfasthttp.IDValid", valid == nil)
	return func(c *requestIDs) { c.valid = valid }
}

// IDGenerate sets the function that [RequestID] calls to make IDs, instead of
// [glshttp.NewID]. It is called on the goroutines of requests. IDGenerate
// panics with [gls.ErrNilFunc] if generate is nil.
func IDGenerate(generate func() string) IDOption {
	glsadapter.MustFunc("glsfasthttp.IDGenerate", generate == nil)
	return func(c *requestIDs) { c.generate = generate }
}

// Trust makes [RequestID] accept IDs only from requests for which trusted
// returns true. By default it accepts them from all requests. Trust panics with
// [gls.ErrNilFunc] if trusted is nil.
func Trust(trusted func(ctx *fasthttp.RequestCtx) bool) IDOption {
	glsadapter.MustFunc("glsfasthttp.Trust", trusted == nil)
	return func(c *requestIDs) { c.trust = trusted }
}

// requestIDs holds the options of one RequestID. All fields are immutable after
// RequestID.
type requestIDs struct {
	header   string
	valid    func(string) bool
	generate func() string
	trust    func(*fasthttp.RequestCtx) bool // nil: anybody
}

// RequestID returns middleware that binds [glshttp.ID] while a request is
// served and sends the ID to the client in the response header. If the request
// has exactly one header X-Request-ID and its value is valid (see [IDValid]),
// that is the ID; otherwise RequestID makes a new one and also stores it in the
// request's header, so that a proxy passes it on. Without [Trust], clients may
// choose the IDs of their requests, so an ID identifies a request in logs and
// proves nothing.
//
// The response has the header exactly once, whatever handlers inside write.
func RequestID(opts ...IDOption) func(fasthttp.RequestHandler) fasthttp.RequestHandler {
	c := &requestIDs{header: "X-Request-Id", valid: glsadapter.PlainID, generate: glshttp.NewID}
	for _, o := range opts {
		if o != nil {
			o(c)
		}
	}
	return func(next fasthttp.RequestHandler) fasthttp.RequestHandler {
		glsadapter.MustFunc("glsfasthttp.RequestID", next == nil)
		return func(ctx *fasthttp.RequestCtx) {
			id := c.take(ctx)
			defer glshttp.ID.Set(id).Reset()
			next(ctx)
			// After a timeout the handler may still be writing to
			// ctx.Response, which nobody sends.
			if timedOut := ctx.LastTimeoutErrorResponse(); timedOut != nil {
				timedOut.Header.Set(c.header, id)
			} else {
				ctx.Response.Header.Set(c.header, id)
			}
		}
	}
}

// take returns the ID of the request, and stores a new one in its header.
func (c *requestIDs) take(ctx *fasthttp.RequestCtx) string {
	values := ctx.Request.Header.PeekAll(c.header)
	if len(values) == 1 {
		id := string(values[0]) // a copy
		if glsadapter.VisibleID(id, glshttp.MaxID) && c.valid(id) && (c.trust == nil || c.trust(ctx)) {
			return id
		}
	}
	if len(values) > 0 {
		counters.refusedIDs.Add(1)
	}
	id := c.generate()
	ctx.Request.Header.Set(c.header, id)
	return id
}
