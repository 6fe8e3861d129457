package glsotel

import (
	"context"
	"log/slog"

	"go.opentelemetry.io/otel/trace"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/gls/glslog"
)

// logged is bound to the span of a record while that is handled, so that package
// glslog, which knows about groups, can add it.
var logged = gls.New[trace.SpanContext]("otel.logged", gls.NoInherit[trace.SpanContext]())

// A logHandler adds trace and span ID to records.
type logHandler struct{ next slog.Handler }

// NewHandler returns a handler that adds trace_id and span_id to every record and
// hands it to next: those of the current span, or, for a record that is logged with
// a context of its own, of the span in that. Without a valid span it adds
// nothing. The two stand at the top level of the record, whatever groups are
// open. They are resolved on the goroutine that logs.
//
// A nil next panics, as in glslog.NewHandler, which it goes with in any order.
func NewHandler(next slog.Handler) slog.Handler {
	return &logHandler{glslog.NewHandler(next,
		glslog.AttrFunc("trace_id", logged, func(s trace.SpanContext) slog.Value {
			return slog.StringValue(s.TraceID().String())
		}),
		glslog.AttrFunc("span_id", logged, func(s trace.SpanContext) slog.Value {
			return slog.StringValue(s.SpanID().String())
		}))}
}

// Enabled reports whether the handler behind handles records of that level.
func (h *logHandler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle adds the IDs to r and calls the handler behind.
func (h *logHandler) Handle(ctx context.Context, r slog.Record) (err error) {
	span := trace.SpanContextFromContext(glsctx.Or(ctx))
	if !span.IsValid() {
		return h.next.Handle(ctx, r)
	}
	logged.With(span, func() { err = h.next.Handle(ctx, r) })
	return err
}

// WithAttrs returns a handler whose records have attrs too.
func (h *logHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return &logHandler{h.next.WithAttrs(attrs)}
}

// WithGroup returns a handler that puts the attributes which follow into a group.
func (h *logHandler) WithGroup(name string) slog.Handler {
	return &logHandler{h.next.WithGroup(name)}
}
