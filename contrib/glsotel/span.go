package glsotel

import (
	"context"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsctx"
)

// Span returns the current span, that of glsctx.Current. It is never nil; where
// there is no span, it is one that records nothing.
func Span() trace.Span { return trace.SpanFromContext(glsctx.Current()) }

// WithSpan calls f with span as the current one, and restores what was there
// before, also if f panics or calls [runtime.Goexit]. It does not end span. A
// nil span means one that records nothing; a nil f panics with
// [gls.ErrNilFunc].
func WithSpan(span trace.Span, f func()) {
	glsctx.With(trace.ContextWithSpan(glsctx.Current(), span), f)
}

// Run calls f in a new span of t, a child of the current one, or a root if
// there is none. The span is current until f ends, in f and in goroutines that
// f starts through package spawn, and ends with f. If f panics or calls
// [runtime.Goexit], the status of the span is an error. The panic passes
// through unchanged; the SDK's own End would recover it to record it and panic
// anew. A nil f panics with [gls.ErrNilFunc], and no span is started.
//
// A goroutine that outlives f keeps the span as its parent, after its end, as
// OpenTelemetry permits.
func Run(t trace.Tracer, name string, f func(), opts ...trace.SpanStartOption) {
	glsadapter.MustFunc("glsotel.Run", f == nil)
	ctx, span := t.Start(glsctx.Current(), name, opts...)
	returned := false
	defer func() { end(span, returned) }()
	glsctx.With(ctx, f)
	returned = true
}

// RunErr is like [Run] but f returns an error, which is recorded in the span,
// its text included, and makes its status an error.
func RunErr(t trace.Tracer, name string, f func() error, opts ...trace.SpanStartOption) (err error) {
	glsadapter.MustFunc("glsotel.RunErr", f == nil)
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

// Provider returns tp for code that has no context to pass. Its tracers start
// spans as children of the current span if [trace.Tracer]'s Start is given no
// explicit context: nil, [context.Background], or a context without values,
// such as the one that [net/http.Client] makes of these for its Timeout
// (glsctx.Explicit). Any other context is taken as it is.
//
// The context that Start returns is then derived from glsctx.Current. It ends
// with Current, and with the context that Start was given too; if the latter
// has no deadline, only with the latter.
//
// Provider is for instrumentation that is called without a context, such as
// otelhttp's Transport below http.Get. It starts spans and makes none of them
// current.
func Provider(tp trace.TracerProvider) trace.TracerProvider { return provider{tp} }

type provider struct{ trace.TracerProvider }

func (p provider) Tracer(name string, opts ...trace.TracerOption) trace.Tracer {
	return tracer{p.TracerProvider.Tracer(name, opts...)}
}

type tracer struct{ trace.Tracer }

func (t tracer) Start(ctx context.Context, name string, opts ...trace.SpanStartOption) (context.Context, trace.Span) {
	if !glsctx.Explicit(ctx) {
		ctx = joined(ctx)
	}
	return t.Tracer.Start(ctx, name, opts...)
}

// joined returns a context with the values of glsctx.Current for ctx, which
// must not be explicit. Nobody says when the work is over, so it must not hold
// on to anything longer than until the deadline of ctx.
func joined(ctx context.Context) context.Context {
	if ctx != nil && ctx.Done() != nil {
		if _, limited := ctx.Deadline(); !limited {
			return valued{ctx, glsctx.Current()}
		}
	}
	ctx, _ = glsctx.Join(ctx)
	return ctx
}

// A valued is a context with the values of another one.
type valued struct {
	context.Context
	values context.Context
}

func (v valued) Value(key any) any {
	if x := v.Context.Value(key); x != nil {
		return x
	}
	return v.values.Value(key)
}
