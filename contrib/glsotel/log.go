package glsotel

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"

	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/gls/glslog"
)

// NewHandler returns a handler that adds trace_id and span_id to every record
// and passes it to next. They are those of the current span or, for a record
// that is logged with an explicit context (see glsctx.Explicit), of the span in
// that context. Without a valid span, nothing is added. The attributes are at
// the top level of the record, whatever groups are open. They are read on the
// goroutine that logs. For arguments of With in groups, and for slog's default
// handler, see glslog.NewHandler; the two handlers may wrap each other in
// either order.
//
// It panics if next is nil.
func NewHandler(next slog.Handler) slog.Handler {
	id := func(text func(trace.SpanContext) string) func(context.Context) (slog.Value, bool) {
		return func(ctx context.Context) (slog.Value, bool) {
			if !glsctx.Explicit(ctx) {
				ctx = glsctx.Current()
			}
			span := trace.SpanContextFromContext(ctx)
			if !span.IsValid() {
				return slog.Value{}, false
			}
			return slog.StringValue(text(span)), true
		}
	}
	return glslog.NewHandler(next,
		glslog.ContextAttr("trace_id", id(func(s trace.SpanContext) string { return s.TraceID().String() })),
		glslog.ContextAttr("span_id", id(func(s trace.SpanContext) string { return s.SpanID().String() })))
}
