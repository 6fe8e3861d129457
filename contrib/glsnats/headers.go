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

// jobID returns the ID of a job of that name with the headers h, or "" if it
// has none that Go would accept. Go and Call write it as name/ID into
// nats.MsgIdHdr, because the server detects duplicates per stream, not per
// subject.
func jobID(name string, h nats.Header) string {
	if id := h.Get(idHeader); validID(id) {
		return id
	}
	wire := h.Get(nats.MsgIdHdr)
	if len(wire) > len(name)+1 && wire[len(name)] == '/' && wire[:len(name)] == name {
		wire = wire[len(name)+1:]
	} // else it was published by other means
	if !validID(wire) {
		return ""
	}
	return wire
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

// usualHeaders is for how many headers a job's have room from the beginning.
const usualHeaders = 8

// outgoing is a carrier for the headers of a job that is to be submitted. All
// their values are in one array, if they are not too many.
type outgoing struct {
	carrier
	values [usualHeaders]string
	n      int // values that are used
	most   int // a bound for the size of the headers
}

// Set makes value the only value of key.
func (o *outgoing) Set(key, value string) {
	o.most += len(key) + len(value)
	if o.n == len(o.values) {
		o.carrier[key] = []string{value}
		return
	}
	o.values[o.n] = value
	o.carrier[key] = o.values[o.n : o.n+1 : o.n+1]
	o.n++
}

// inject returns the headers of a job with that ID: those that carry what the
// caller has bound, and what the server and workers are to know. reply is where
// the result is to go, if it is not empty.
func (c *Client) inject(wireID, reply string) nats.Header {
	o := &outgoing{carrier: make(carrier, usualHeaders)}
	for _, p := range c.propagators {
		p.inject(o)
	}
	c.counters.injected.Add(glsexport.Inject(o, c.exports...))
	if o.most > MaxHeaderBytes && size(nats.Header(o.carrier)) > MaxHeaderBytes {
		c.counters.oversize.Add(1)
		clear(o.carrier)
	}
	o.Set(nats.MsgIdHdr, wireID)
	if reply != "" {
		o.Set(replyHeader, reply)
	}
	return nats.Header(o.carrier)
}

// extract returns the bindings for a job with the headers h, and the headers
// that other propagators may read. It counts what is wrong. The size of h must
// not exceed most.
func (c *Client) extract(h nats.Header, most int) ([]gls.Binding, carrier) {
	if most > MaxHeaderBytes && size(h) > MaxHeaderBytes {
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
