package glsotel

import (
	"io"
	"net/http"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsctx"
)

type transport struct {
	config
	next http.RoundTripper // nil: http.DefaultTransport
}

// Transport returns a RoundTripper that makes every request in a new span,
// which ends when the header of the response has arrived. The propagator adds
// trace, baggage and variables to requests for allowed hosts: the loopback
// interface, and those that [AllowHosts] and [AllowFunc] add. Everything else
// is left to next. A nil next means [http.DefaultTransport].
//
// The headers that the propagator writes belong to Transport: it first removes
// those that the request already has, even if the host is not allowed, so a
// proxy with this Transport never passes on what its client said. [KeepHeaders]
// turns this off. The caller's request is not modified.
//
// A request made without a context, as by http.Get, uses the implicit one of
// package glsctx: its span is the parent, and its end cancels the request. So
// does a request with a context that has no values, such as the one that
// [http.Client] makes for its Timeout (see glsctx.Explicit); it is cancelled
// when either context ends. Any other context is used unchanged.
func Transport(next http.RoundTripper, opts ...Option) http.RoundTripper {
	return &transport{newConfig(opts), next}
}

// RoundTrip implements [http.RoundTripper].
func (t *transport) RoundTrip(req *http.Request) (*http.Response, error) {
	if req.URL == nil || req.Header == nil {
		return t.base().RoundTrip(req) // req is invalid; next returns the error
	}
	joins := !glsctx.Explicit(req.Context()) && req.Context().Done() != nil
	parent, release := glsctx.Join(req.Context())
	method := methodOf(req)
	ctx, span := t.tracer.Start(parent, method,
		trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(
			attribute.String("http.request.method", method),
			attribute.String("server.address", req.URL.Hostname())))
	returned := false
	defer func() {
		if !returned {
			release()
		}
		end(span, returned)
	}()

	out := req.Clone(ctx)
	if !t.keep {
		out.Header = glsadapter.Scrub(out.Header, t.propagator.Fields()...)
	}
	if t.mayTell(req) {
		t.propagator.Inject(ctx, propagation.HeaderCarrier(out.Header))
	}
	resp, err := t.base().RoundTrip(out)
	returned = true
	if err != nil {
		release()
		span.RecordError(err)
		span.SetStatus(codes.Error, err.Error())
		return resp, err
	}
	span.SetAttributes(attribute.Int("http.response.status_code", resp.StatusCode))
	if resp.StatusCode >= 400 {
		span.SetStatus(codes.Error, "")
	}
	if joins {
		resp.Body = releasing(resp.Body, release)
	}
	return resp, nil
}

// mayTell reports whether headers may be sent to the peer of req, which must
// have a URL.
func (t *transport) mayTell(req *http.Request) bool {
	if t.tells != nil {
		return t.tells(req)
	}
	return t.told.Allowed(req.URL, req.Host)
}

// releasing returns a body like body that calls release when it is closed or
// read to its end. It can be written to if body can, as after a switch of
// protocols.
func releasing(body io.ReadCloser, release func()) io.ReadCloser {
	if w, ok := body.(io.Writer); ok {
		return struct {
			*releasingBody
			io.Writer
		}{&releasingBody{body, release}, w}
	}
	return &releasingBody{body, release}
}

type releasingBody struct {
	io.ReadCloser
	release func()
}

func (b *releasingBody) Read(p []byte) (n int, err error) {
	n, err = b.ReadCloser.Read(p)
	if err != nil {
		b.release()
	}
	return n, err
}

func (b *releasingBody) Close() error {
	defer b.release()
	return b.ReadCloser.Close()
}

// CloseIdleConnections closes the idle connections of the underlying
// RoundTripper, for [http.Client.CloseIdleConnections].
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
