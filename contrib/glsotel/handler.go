package glsotel

import (
	"context"
	"net/http"
	"strings"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed18162548/contextvars/gls/glsadapter"
)

type handler struct {
	config
	next http.Handler
}

// Handler returns a handler that serves every request in a span. Meanwhile the
// span and the rest of the request's context are current. Put it inside
// glshttp.Handler, which isolates requests.
//
// If the request is trusted (see [Trust]), what the propagator extracts from
// its headers is restored as by [Restore], and the span is a child of the
// remote one. Otherwise the request is served without these headers, and
// [Strip] removes baggage and variables from its context, even if other
// instrumentation outside put them there, so that none of them is bound or sent
// on. The span then has a link to the remote one.
//
// If instrumentation outside, such as otelhttp, has started a span for the
// request, that span is the parent in both cases.
//
// The span has the method and the route as attributes. It has no status code,
// because a handler that wraps the ResponseWriter to see the code hides its
// optional interfaces. If you need the status code, put otelhttp outside.
// Handler panics if next is nil.
func Handler(next http.Handler, opts ...Option) http.Handler {
	glsadapter.MustValue("glsotel.Handler", "http.Handler", next == nil)
	return &handler{newConfig(opts), next}
}

func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	method := methodOf(r)
	start := []trace.SpanStartOption{
		trace.WithSpanKind(trace.SpanKindServer),
		trace.WithAttributes(attribute.String("http.request.method", method)),
	}
	ctx := h.propagator.Extract(r.Context(), propagation.HeaderCarrier(r.Header))
	remote := trace.SpanContextFromContext(ctx)
	if h.trusted == nil || !h.trusted(r) {
		r.Header = glsadapter.Scrub(r.Header, h.untold(ctx)...)
		ctx = Strip(r.Context())
		if remote.IsRemote() {
			start = append(start, trace.WithLinks(trace.Link{SpanContext: remote}))
		}
	} else if local := trace.SpanFromContext(r.Context()); isLocal(local.SpanContext()) {
		ctx = trace.ContextWithSpan(ctx, local)
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

// untold returns the headers to remove from an untrusted request: those that
// any known propagator reads, whether it is the one of this Handler, the global
// one, or one of instrumentation outside, which has left what it read in ctx.
func (h *handler) untold(ctx context.Context) []string {
	names := []string{"traceparent", "tracestate", "baggage"}
	names = append(names, h.propagator.Fields()...)
	names = append(names, otel.GetTextMapPropagator().Fields()...)
	a, _ := ctx.Value(arrivedKey{}).(arrived)
	return append(names, a.fields...)
}

// methodOf returns the method of r as the semantic conventions require. Without
// this, a stranger could make up a new span name for every request.
func methodOf(r *http.Request) string {
	switch r.Method {
	case "":
		return "GET"
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "CONNECT", "OPTIONS", "TRACE", "QUERY":
		return r.Method
	}
	return "_OTHER"
}
