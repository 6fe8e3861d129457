package glsotel

import (
	"net/http"
	"net/netip"
	"net/url"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed18162548/contextvars/gls/glsctx"
)

type transport struct {
	config
	next http.RoundTripper // nil: http.DefaultTransport
}

// Transport returns a RoundTripper that makes every request in a span of its own,
// until the header of the response is there, and has the propagator write trace,
// baggage and variables into requests for peers that may be told ([Peers]), over
// what these headers were. Nothing is written into the caller's request. The
// rest is next's, [http.DefaultTransport] if it is nil.
//
// A request made without a context, as by http.Get, has the implicit one of
// package glsctx: its span is the parent, and its end cancels the request. Any
// other context is taken as it is.
func Transport(next http.RoundTripper, opts ...Option) http.RoundTripper {
	return &transport{newConfig(opts), next}
}

// RoundTrip implements [http.RoundTripper].
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL == nil || req.Header == nil {
		return t.base().RoundTrip(req) // it is invalid: next says so
	}
	method := methodOf(req)
	ctx, span := t.tracer.Start(glsctx.Or(req.Context()), method,
		trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(
			attribute.String("http.request.method", method),
			attribute.String("server.address", req.URL.Hostname())))
	returned := false
	defer func() { end(span, returned) }()

	out := req.Clone(ctx)
	if t.tells(req) {
		t.propagator.Inject(ctx, propagation.HeaderCarrier(out.Header))
	}
	resp, err := t.base().RoundTrip(out)
	returned = true
	switch {
	case err != nil:
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
	default:
		span.SetAttributes(attribute.Int("http.response.status_code", resp.StatusCode))
		if resp.StatusCode >= 400 {
			span.SetStatus(codes.Error, "")
		}
	}
	return resp, err
}

// CloseIdleConnections passes on what [http.Client.CloseIdleConnections] asks.
func (t *transport) CloseIdleConnections() {
	if c, ok := t.base().(interface{ CloseIdleConnections() }); ok {
		c.CloseIdleConnections()
	}
}

func (t *transport) base() http.RoundTripper {
	if t.next == nil {
		return http.DefaultTransport
	}
	return t.next
}

// tells reports whether the peer of req, which must have a URL, may be told.
func (t *transport) tells(req *http.Request) bool {
	if t.peer != nil {
		return t.peer(req)
	}
	// An opaque URL may have another host in the request line.
	return req.URL.Opaque == "" && isLoopback(req.URL.Host) && (req.Host == "" || isLoopback(req.Host))
}

// isLoopback reports whether host, with or without a port, is the own one by
// definition.
func isLoopback(host string) bool {
	name := (&url.URL{Host: host}).Hostname()
	addr, err := netip.ParseAddr(name)
	return name == "localhost" || err == nil && addr.Unmap().IsLoopback()
}
