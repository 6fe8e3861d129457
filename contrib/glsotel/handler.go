package glsotel

import (
	"context"
	"errors"
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

// Handler returns a handler that serves every request in a span, which is
// current meanwhile, together with the rest of the request's context. It stands
// behind glshttp.Handler, which isolates requests.
//
// If the peer may speak for others ([Trust]), what the propagator extracts from
// its headers is restored as by [Restore], and the span is a child of the
// remote one. Otherwise the request is served without these headers, and as if
// nobody had read them: [Strip] removes baggage and variables from its context,
// also where other instrumentation in front put them there. So nothing of them
// is bound, or sent on. The span then has a link to the remote one.
//
// Where instrumentation in front has started a span for the request, such as
// otelhttp's, that is the parent in both cases.
//
// The span has the method and the route for attributes and no status code,
// because a handler that wraps the ResponseWriter to see it takes from it what
// else it can do. If you need the status more, put otelhttp in front. A nil
// next panics.
func Handler(next http.Handler, opts ...Option) http.Handler {
	if next == nil {
		panic(errNilHandler)
	}
	return &handler{newConfig(opts), next}
}

var errNilHandler = errors.New("glsotel: Handler of a nil http.Handler")

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

// untold returns the headers that an untrusted request is served without: those
// that any propagator known here reads, whether this Handler has it, the
// process, or instrumentation in front, which has left what it read in ctx.
func (h *handler) untold(ctx context.Context) []string {
	names := []string{"traceparent", "tracestate", "baggage"}
	names = append(names, h.propagator.Fields()...)
	names = append(names, otel.GetTextMapPropagator().Fields()...)
	a, _ := ctx.Value(arrivedKey{}).(arrived)
	return append(names, a.fields...)
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
