package main

import (
	"context"
	"io"
	"log/slog"

	"github.com/seed18162548/contextvars/gls"
)

// logTo makes w the destination of the log, in text form with short times, each
// line with the identity that is current where it is logged.
func logTo(w io.Writer) {
	text := slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: shortTime})
	slog.SetDefault(slog.New(withVars(text, requestID, user, traceID)))
}

// shortTime drops the date of a line.
func shortTime(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey && len(groups) == 0 {
		return slog.String(a.Key, a.Value.Time().Format("15:04:05.000"))
	}
	return a
}

// withVars returns a handler that adds, to each line that it passes to h, those
// of vars that are bound.
func withVars(h slog.Handler, vars ...*gls.Var[string]) slog.Handler {
	return &varsHandler{Handler: h, vars: vars}
}

type varsHandler struct {
	slog.Handler
	vars []*gls.Var[string]
}

// Handle implements slog.Handler. The context is of no use here: the log
// functions that the program calls have none to give.
func (h *varsHandler) Handle(ctx context.Context, r slog.Record) error {
	r = r.Clone()
	for _, v := range h.vars {
		if x, ok := v.Lookup(); ok {
			r.AddAttrs(slog.String(v.Name(), x))
		}
	}
	return h.Handler.Handle(ctx, r)
}

// WithAttrs implements slog.Handler.
func (h *varsHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return withVars(h.Handler.WithAttrs(attrs), h.vars...)
}

// WithGroup implements slog.Handler. The variables are in the group then.
func (h *varsHandler) WithGroup(name string) slog.Handler {
	return withVars(h.Handler.WithGroup(name), h.vars...)
}
