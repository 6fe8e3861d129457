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
// X-Request-ID. It panics with glsexport.ErrName if a header cannot have that
// name, or must not.
func IDHeader(name string) IDOption {
	if err := glsexport.CheckHeader(name); err != nil {
		panic(err)
	}
	return func(c *requestIDs) { c.header = name }
}

// IDValid sets the function that decides which IDs [RequestID] accepts. It is
// asked only about IDs of 1 to [glshttp.MaxID] bytes of visible ASCII. By
// default, letters, digits and -_.~:/+=@ are valid. A nil valid panics with
// [gls.ErrNilFunc].
func IDValid(valid func(id string) bool) IDOption {
	glsadapter.MustFunc("glsfasthttp.IDValid", valid == nil)
	return func(c *requestIDs) { c.valid = valid }
}

// IDGenerate sets the function with which [RequestID] makes IDs instead of
// [glshttp.NewID]. It is called on the goroutines of requests. A nil generate
// panics with [gls.ErrNilFunc].
func IDGenerate(generate func() string) IDOption {
	glsadapter.MustFunc("glsfasthttp.IDGenerate", generate == nil)
	return func(c *requestIDs) { c.generate = generate }
}

// Trust narrows who chooses an ID: only requests for which trusted returns true
// may have their own, instead of anybody. A nil trusted panics with
// [gls.ErrNilFunc].
func Trust(trusted func(ctx *fasthttp.RequestCtx) bool) IDOption {
	glsadapter.MustFunc("glsfasthttp.Trust", trusted == nil)
	return func(c *requestIDs) { c.trust = trusted }
}

// requestIDs is what the options of one RequestID add up to. All fields are
// immutable after RequestID.
type requestIDs struct {
	header   string
	valid    func(string) bool
	generate func() string
	trust    func(*fasthttp.RequestCtx) bool // nil: anybody
}

// RequestID returns middleware that binds [glshttp.ID] while a request is
// served, and tells the client the ID in the response header. The ID is that of
// the request's header X-Request-ID if there is exactly one and it is valid
// ([IDValid]), else a new one, which then stands in the request's header too,
// so that a proxy passes it on. Anybody may choose the ID of their requests,
// unless [Trust] says who may; so an ID identifies a request in logs and proves
// nothing.
//
// The response has the header exactly once, whatever handlers behind write.
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

// take returns the ID of the request, which then has it in its header.
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
