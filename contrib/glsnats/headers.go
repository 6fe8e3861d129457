package glsnats

import (
	"github.com/nats-io/nats.go"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// MaxHeaderBytes is the maximum size of the headers of a job, names and values
// together. If they are larger, the job is sent, or run, without any exported
// variables, because a part of an identity would be a different identity.
const MaxHeaderBytes = 32 << 10

// Headers of jobs, letters and results, besides nats.MsgIdHdr.
const (
	replyHeader  = "Gls-Reply"  // where Call waits for the result
	idHeader     = "Gls-Id"     // the ID of the job, if nats.MsgIdHdr does not have it
	errorHeader  = "Gls-Error"  // of a dead letter: what its last try returned
	triesHeader  = "Gls-Tries"  // of a dead letter: how often it failed
	failedHeader = "Gls-Failed" // of a result: whether it is the text of an error
)

// wireID returns the ID by which the server detects duplicates. It does so per
// stream, so the name is part of the ID.
func wireID(name, id string) string { return name + "/" + id }

// jobID is the inverse of wireID, for a job of that name with the headers h. It
// returns "" if it has none.
func jobID(name string, h nats.Header) string {
	if id := h.Get(idHeader); validID(id) {
		return id
	}
	wire := h.Get(nats.MsgIdHdr)
	if len(wire) > len(name)+1 && wire[len(name)] == '/' && wire[:len(name)] == name {
		return wire[len(name)+1:]
	}
	return wire // published by other means
}

// carrier makes headers a glsexport.Carrier. Header names of NATS are
// case-sensitive; those of variables are used as they were exported.
type carrier nats.Header

func (h carrier) Get(key string) string      { return nats.Header(h).Get(key) }
func (h carrier) Set(key, value string)      { nats.Header(h).Set(key, value) }
func (h carrier) Values(key string) []string { return h[key] }

func (h carrier) Keys() []string { return glsadapter.Keys(h) }

// A propagator is what Propagate was given.
type propagator struct {
	inject func(glsexport.Carrier)
	around func(c glsexport.Carrier, run func())
}

// inject returns the headers that carry what the caller has bound.
func (c *Client) inject() nats.Header {
	h := make(carrier, 2*len(c.exports))
	for _, p := range c.propagators {
		p.inject(h)
	}
	c.counters.injected.Add(glsexport.Inject(h, c.exports...))
	if size(nats.Header(h)) > MaxHeaderBytes {
		c.counters.oversize.Add(1)
		h = carrier{}
	}
	return nats.Header(h)
}

// extract returns the bindings for a job with the headers h, and the headers
// that other propagators may read. It counts what is wrong.
func (c *Client) extract(h nats.Header) ([]gls.Binding, carrier) {
	if size(h) > MaxHeaderBytes {
		c.counters.oversize.Add(1)
		return nil, nil
	}
	bindings, report := glsexport.Extract(carrier(h), c.exports...)
	c.counters.extracted.Add(report)
	return bindings, carrier(h)
}

func size(h nats.Header) (n int) {
	for key, values := range h {
		for _, value := range values {
			n += len(key) + len(value)
		}
	}
	return n
}
