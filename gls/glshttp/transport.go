package glshttp

import (
	"net/http"

	"github.com/seed18162548/contextvars/gls/glsexport"
)

// A TransportOption configures [Transport]: [Exports], [AllowHosts] or
// [AllowFunc].
type TransportOption interface{ applyTransport(*transport) }

type transportOption func(*transport)

func (o transportOption) applyTransport(t *transport) { o(t) }

type transport struct {
	// All fields are immutable after Transport.

	next  http.RoundTripper // nil: http.DefaultTransport
	vars  []glsexport.Exported
	hosts map[host]bool
	allow func(host, port string) bool
}

// Transport returns a RoundTripper that sends the variables named by [Exports]
// with requests for allowed hosts, if they are bound in the goroutine that makes
// the request. Allowed are the loopback interface and what [AllowHosts] and
// [AllowFunc] add. Everything else is next's, [http.DefaultTransport] if it is
// nil.
//
// A header that is on the request already wins, as glsexport.Inject has it; what
// is left out is counted in [ReadStats]. The caller's request is not modified,
// so that an [http.Client], which copies its headers when it follows a redirect,
// does not take ours along: every hop is judged by its own host.
func Transport(next http.RoundTripper, opts ...TransportOption) http.RoundTripper {
	t := &transport{next: next, hosts: make(map[host]bool)}
	for _, o := range opts {
		o.applyTransport(t)
	}
	return t
}

// RoundTrip implements [http.RoundTripper]. It leaves req's body to next.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	// Without URL or Header the request is invalid: next says so.
	if req.URL != nil && req.Header != nil && t.allowed(req) {
		out := outgoing{req: req}
		counters.injected.add(glsexport.Inject(&out, t.vars...))
		req = out.req
	}
	return t.base().RoundTrip(req)
}

func (t *transport) base() http.RoundTripper {
	if t.next == nil {
		return http.DefaultTransport
	}
	return t.next
}

// CloseIdleConnections passes on what [http.Client.CloseIdleConnections] asks.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.base().(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

// outgoing is the Carrier of a request that must not be modified: the first Set
// makes a copy.
type outgoing struct {
	req    *http.Request
	cloned bool
}

func (o *outgoing) Get(key string) string { return o.req.Header.Get(key) }

func (o *outgoing) Keys() []string { return HeaderCarrier(o.req.Header).Keys() }

func (o *outgoing) Set(key, value string) {
	if !o.cloned {
		header := o.req.Header.Clone()
		o.req = o.req.WithContext(o.req.Context())
		o.req.Header, o.cloned = header, true
	}
	o.req.Header.Set(key, value)
}
