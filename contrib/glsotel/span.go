package glsotel

import (
	"context"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsctx"
)

// Span returns the current span, the one of glsctx.Current. It never returns
// nil; if there is no span, it returns one that records nothing.
func Span() trace.Span { return trace.SpanFromContext(glsctx.Current()) }

// WithSpan calls f with span as the current span and restores the previous one,
// even if f panics or calls [runtime.Goexit]. It does not end span. A nil span
// means one that records nothing. WithSpan panics with [gls.ErrNilFunc] if f is
// nil.
func WithSpan(span trace.Span, f func()) {
	glsctx.With(trace.ContextWithSpan(glsctx.Current(), span), f)
}

// Run calls f in a new span of t, which is a child of the current one, or a
// root if there is none. The span ends with f. It is current in f and in
// goroutines that f starts through package spawn. If f panics or calls
// [runtime.Goexit], the status of the span is an error. The panic passes
// through unchanged; the SDK's own End would recover it to record it and then
// panic again. Run panics with [gls.ErrNilFunc] if f is nil, and starts no
// span.
//
// In a goroutine that outlives f the span remains current, and thus a parent,
// after its end. OpenTelemetry permits that.
func Run(t trace.Tracer, name string, f func(), opts ...trace.SpanStartOption) {
	glsadapter.MustFunc("glsotel.Run", f == nil)
	ctx, span := t.Start(glsctx.Current(), name, opts...)
	returned := false
	defer func() { end(span, returned) }()
	glsctx.With(ctx, f)
	returned = true
}

// RunErr is like [Run] but f returns an error. The error is recorded in the
// span, including its text, and makes its status an error.
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

// end ends span. Call it from a deferred function but do not defer it: the SDK
// recovers panics if End itself is deferred.
func end(span trace.Span, returned bool) {
	if !returned {
		span.SetStatus(codes.Error, "panic or runtime.Goexit")
	}
	span.End()
}

// Provider returns a provider like tp for code that has no context to pass. Its
// tracers start spans as children of the current span if the context passed to
// Start is not explicit (see glsctx.Explicit): if it is nil,
// [context.Background], or a context without values, such as the one that
// [net/http.Client] makes for its Timeout. Any other context is used unchanged.
//
// The context that Start returns is then derived from glsctx.Current. It ends
// with Current or with the context passed to Start, whichever is first; but if
// the latter can be cancelled and has no deadline, only with that one.
//
// Provider is for instrumentation that is called without a context, such as
// otelhttp's Transport under http.Get. The spans that it starts do not become
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

// joined returns a context for ctx with the values of glsctx.Current. ctx must
// not be explicit. joined is not told when the work is done, so it must not
// keep resources beyond the deadline of ctx.
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
