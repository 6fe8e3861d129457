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

// KeepHeaders makes [Transport] send the headers that a request already has
// unchanged, whoever wrote them, even if a variable is bound to something else.
// By default Transport replaces them. In a proxy, KeepHeaders lets clients
// choose the identity that the next server sees: use it only if the program
// itself writes these headers.
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
// [AllowHosts] and [AllowFunc] add hosts. Everything else is left to next. A
// nil next means [http.DefaultTransport].
//
// The headers of these variables, and their members of the baggage, belong to
// Transport: it replaces what the request has with the current bindings, and
// removes it if nothing is bound or the host is not allowed. A
// [net/http/httputil.ReverseProxy] with this Transport therefore never passes
// on what its client said about them. Other members of the baggage stay. Values
// that the codecs refuse are left out and counted in [ReadStats]. With
// [KeepHeaders], the headers of the request take precedence instead.
//
// The caller's request is not modified. An [http.Client] that follows a
// redirect therefore does not copy the added headers; every hop is judged by
// its own host.
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
	// A request without URL or Header is invalid; next returns the error.
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

// CloseIdleConnections closes the idle connections of the underlying
// RoundTripper, for [http.Client.CloseIdleConnections].
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
