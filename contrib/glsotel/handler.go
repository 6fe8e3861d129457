package glsotel

import (
	"context"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"
)

// scope is the name of the instrumentation that Handler and Transport are.
const scope = "github.com/seed18162548/contextvars/contrib/glsotel"

// An Option configures a [Handler] or a [Transport].
type Option func(*config)

type config struct {
	tracer     trace.Tracer
	propagator propagation.TextMapPropagator
	peer       func(*http.Request) bool // nil: the default
}

func newConfig(opts []Option) config {
	c := config{
		tracer:     otel.GetTracerProvider().Tracer(scope),
		propagator: otel.GetTextMapPropagator(),
	}
	for _, o := range opts {
		o(&c)
	}
	return c
}

// UseProvider has spans made by tp instead of OpenTelemetry's global provider.
func UseProvider(tp trace.TracerProvider) Option {
	return func(c *config) { c.tracer = tp.Tracer(scope) }
}

// UsePropagator has headers read or written by p instead of OpenTelemetry's
// global propagator.
func UsePropagator(p propagation.TextMapPropagator) Option {
	return func(c *config) { c.propagator = p }
}

// Peers says with whom to exchange trace, baggage and variables: by the request
// that came in, for a [Handler], or that goes out, for a [Transport]. Without it,
// a Handler takes them from nobody, and a Transport gives them to the loopback
// interface.
//
// A Handler's trusted should look at what a client cannot choose, such as the
// verified chains of r.TLS, and never at headers; a Transport's at the host of
// r.URL and at r.Host, which may differ. A nil trusted panics with
// [gls.ErrNilFunc].
func Peers(trusted func(r *http.Request) bool) Option {
	mustFunc("Peers", trusted == nil)
	return func(c *config) { c.peer = trusted }
}

type handler struct {
	config
	next http.Handler
}

// Handler serves every request in a span, which is current meanwhile, together
// with the rest of the request's context. It stands behind glshttp.Handler, the
// barrier.
//
// If the request is from a trusted peer ([Peers]), what the propagator extracts
// from its headers is restored, as [Restore] has it, and the span is a child of
// the remote one. Else the request is served without these headers, so that
// nothing of them is bound, or passed on by a proxy; and the span has a link to
// the remote one instead.
//
// The span has the method and the route for attributes and no status code,
// because a handler that wraps the ResponseWriter to see it takes from it what
// else it can do. Where that matters less, put otelhttp in front and call
// [Restore] behind it.
func Handler(next http.Handler, opts ...Option) http.Handler {
	return &handler{newConfig(opts), next}
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx := h.propagator.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	method := methodOf(r)
	start := []trace.SpanStartOption{
		trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.String("http.request.method", method)),
	}
	if h.peer == nil || !h.peer(r) {
		if remote := trace.SpanContextFromContext(ctx); remote.IsRemote() {
			start = append(start, trace.WithLinks(trace.Link{SpanContext: remote}))
		}
		ctx = r.Context()
		h.scrub(r)
	}
	ctx, span := h.tracer.Start(ctx, method, start...)
	returned := false
	defer func() { end(span, returned) }()
	Restore(ctx, func(ctx context.Context) {
		r := r.WithContext(ctx)
		h.next.ServeHTTP(w, r)
		if r.Pattern != "" {
			_, route, found := strings.Cut(r.Pattern, " ")
			if !found {
				route = r.Pattern
			}
			span.SetName(method + " " + route)
			span.SetAttributes(attribute.String("http.route", route))
		}
	})
	returned = true
}

// scrub removes from r what the propagator reads. It leaves the map alone, which
// others may be reading.
func (h *handler) scrub(r *http.Request) {
	cloned := false
	for _, name := range h.propagator.Fields() {
		if _, ok := r.Header[http.CanonicalHeaderKey(name)]; !ok {
			continue
		}
		if !cloned {
			r.Header, cloned = r.Header.Clone(), true
		}
		r.Header.Del(name)
	}
}

// methodOf returns the method of r as the semantic conventions want it: a
// stranger's invention would be a name of its own for every request.
func methodOf(r *http.Request) string {
	switch r.Method {
	case "":
		return "GET"
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "QUERY":
		return r.Method
	}
	return "_OTHER"
}
