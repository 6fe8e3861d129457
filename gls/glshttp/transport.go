package glshttp

import (
	"net/http"

	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// A TransportOption configures [Transport]: [Exports], [AllowHosts],
// [AllowFunc] or [KeepHeaders]. A nil option is ignored.
type TransportOption interface{ applyTransport(*transport) }

type transportOption func(*transport)

func (o transportOption) applyTransport(t *transport) { o(t) }

// KeepHeaders sends headers that are on the request already as they are,
// whoever wrote them, even where a variable is bound to something else. By
// default they give way. In a proxy it lets clients choose the identity that
// the next server sees: use it only where the program itself writes these
// headers.
func KeepHeaders() TransportOption {
	return transportOption(func(t *transport) { t.keep = true })
}

// A transport is the RoundTripper that Transport returns. All fields are
// immutable.
type transport struct {
	next http.RoundTripper // nil: http.DefaultTransport
	vars []glsexport.Exported
	told glsadapter.Destinations
	keep bool
}

// Transport returns a RoundTripper that sends the variables named by [Exports]
// with requests for allowed hosts, if they are bound in the goroutine that
// makes the request. By default only the loopback interface is allowed;
// [AllowHosts] and [AllowFunc] add to it. Everything else is up to next, which
// is [http.DefaultTransport] if it is nil.
//
// The headers of these variables, and their members of the baggage, belong to
// Transport: it writes what is bound, over what the request has, and removes
// what the request has where nothing is bound or the host is not allowed. So a
// [net/http/httputil.ReverseProxy] with this Transport never repeats what its
// client said about them. Other members of the baggage stay. What the codecs
// refuse is left out and counted in [ReadStats]. [KeepHeaders] turns this
// around.
//
// The caller's request is not modified, so an [http.Client], which copies its
// headers when it follows a redirect, does not take ours along: every hop is
// judged by its own host.
func Transport(next http.RoundTripper, opts ...TransportOption) http.RoundTripper {
	t := &transport{next: next}
	for _, o := range opts {
		if o != nil {
			o.applyTransport(t)
		}
	}
	return t
}

// RoundTrip implements [http.RoundTripper]. It leaves req's body to next.
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	// Without URL or Header the request is invalid: next says so.
	if len(t.vars) > 0 && req.URL != nil && req.Header != nil {
		req = t.outgoing(req)
	}
	return t.base().RoundTrip(req)
}

// outgoing returns req as it is to be sent: req itself or a copy.
func (t *transport) outgoing(req *http.Request) *http.Request {
	out := outgoing{header: req.Header}
	if !t.keep {
		out.header = glsexport.Scrub(req.Header, t.vars...)
	}
	if t.told.Allowed(req.URL, req.Host) {
		inject := glsexport.Overwrite
		if t.keep {
			inject = glsexport.Inject
		}
		counters.injected.Add(inject(&out, t.vars...))
	}
	if glsadapter.Same(out.header, req.Header) {
		return req
	}
	req = req.WithContext(req.Context())
	req.Header = out.header
	return req
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

// outgoing is the Carrier of headers that must not be modified: the first Set
// makes a copy.
type outgoing struct {
	header http.Header
	cloned bool
}

func (o *outgoing) Get(key string) string { return o.header.Get(key) }

func (o *outgoing) Values(key string) []string { return o.header.Values(key) }

func (o *outgoing) Keys() []string { return HeaderCarrier(o.header).Keys() }

func (o *outgoing) Set(key, value string) {
	if !o.cloned {
		o.header, o.cloned = o.header.Clone(), true
	}
	o.header.Set(key, value)
}
