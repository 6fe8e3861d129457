package glsotel

import (
	"context"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsctx"
)

// Strip returns ctx without anything that a peer may have said: without
// baggage, without what a [Propagator] extracted, and without a remote span. A
// span that was started in this process remains the current one, and values of
// other packages remain.
//
// It is for peers that are not trusted, if instrumentation such as otelgrpc has
// extracted into the context before that could be checked. Strip changes no
// bindings. It panics with glsctx.ErrNilContext if ctx is nil.
func Strip(ctx context.Context) context.Context {
	if ctx == nil {
		panic(glsadapter.Misuse(glsctx.ErrNilContext, "glsotel.Strip"))
	}
	if _, found := ctx.Value(arrivedKey{}).(arrived); found {
		ctx = context.WithValue(ctx, arrivedKey{}, nil)
	}
	if baggage.FromContext(ctx).Len() > 0 {
		ctx = baggage.ContextWithoutBaggage(ctx)
	}
	if span := trace.SpanContextFromContext(ctx); span.IsValid() && !isLocal(span) {
		ctx = trace.ContextWithSpan(ctx, nil)
	}
	return ctx
}

// isLocal reports whether s is a span that was started in this process.
func isLocal(s trace.SpanContext) bool { return s.IsValid() && !s.IsRemote() }
