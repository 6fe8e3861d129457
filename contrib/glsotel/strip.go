package glsotel

import (
	"context"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed18162548/contextvars/gls/glsctx"
)

// Strip returns ctx without what a peer may have said: it has no baggage,
// nothing that a [Propagator] extracted, and no remote span. A span that was
// started in this process stays the current one. Values of other packages stay.
//
// It is for peers that may not speak for others, where instrumentation such as
// otelgrpc has extracted into the context before anybody could ask. Nothing
// that is bound changes. A nil ctx panics with glsctx.ErrNilContext.
func Strip(ctx context.Context) context.Context {
	if ctx == nil {
		panic(glsctx.ErrNilContext)
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
