package glsotel

import (
	"context"
	"fmt"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsctx"
)

// Span returns the current span, that of glsctx.Current. It is never nil; where
// there is no span, it is one that records nothing.
func Span() trace.Span { return trace.SpanFromContext(glsctx.Current()) }

// WithSpan calls f with span as the current one, and restores what was there
// before, also if f panics or calls [runtime.Goexit]. It does not end span. A nil
// span is one that records nothing; a nil f panics with [gls.ErrNilFunc].
func WithSpan(span trace.Span, f func()) {
	glsctx.With(trace.ContextWithSpan(glsctx.Current(), span), f)
}

// Run calls f in a new span of t, a child of the current one, or a root if there
// is none. The span is current until f ends, in f and in goroutines that f starts
// through package spawn, and ends with f. If f panics or calls [runtime.Goexit],
// the span ends with an error for its status; the panic passes through as it
// is, unlike in the SDK's own End, which recovers it to record it and panics
// anew. A nil f panics with [gls.ErrNilFunc], and no span is started.
//
// A goroutine that outlives f keeps the span as its parent, after its end, as
// OpenTelemetry permits.
func Run(t trace.Tracer, name string, f func(), opts ...trace.SpanStartOption) {
	mustFunc("Run", f == nil)
	ctx, span := t.Start(glsctx.Current(), name, opts...)
	returned := false
	defer func() { end(span, returned) }()
	glsctx.With(ctx, f)
	returned = true
}

// RunErr is [Run] for functions that return an error, which is recorded in the
// span, its text included, and makes its status an error.
func RunErr(t trace.Tracer, name string, f func() error, opts ...trace.SpanStartOption) (err error) {
	mustFunc("RunErr", f == nil)
	Run(t, name, func() {
		if err = f(); err != nil {
			span := Span()
			span.RecordError(err)
			span.SetStatus(codes.Error, err.Error())
		}
	}, opts...)
	return err
}

// end ends span. It must be called by a deferred function, not be one: the SDK
// recovers panics in an End that is deferred itself.
func end(span trace.Span, returned bool) {
	if !returned {
		span.SetStatus(codes.Error, "panic or runtime.Goexit")
	}
	span.End()
}

// Provider returns tp for code that has no context to pass: the spans of its
// tracers are children of the current span if [trace.Tracer]'s Start is given nil,
// [context.Background] or its like; any other context is taken as it is.
// The context that Start returns is then derived from glsctx.Current, deadline
// included.
//
// It is for instrumentation that is called without a context, such as otelhttp's
// Transport below http.Get. It starts spans and makes none of them current.
func Provider(tp trace.TracerProvider) trace.TracerProvider { return provider{tp} }

type provider struct{ trace.TracerProvider }

func (p provider) Tracer(name string, opts ...trace.TracerOption) trace.Tracer {
	return tracer{p.TracerProvider.Tracer(name, opts...)}
}

type tracer struct{ trace.Tracer }

func (t tracer) Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	return t.Tracer.Start(glsctx.Or(ctx), name, opts...)
}

// mustFunc panics in the caller of the function named where if the function
// that it was given is nil.
func mustFunc(where string, isNil bool) {
	if isNil {
		panic(fmt.Errorf("glsotel: %s: %w", where, gls.ErrNilFunc))
	}
}
