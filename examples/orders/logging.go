package main

import (
	"io"
	"log/slog"

	"github.com/seed18162548/contextvars/gls/glslog"
)

// logTo makes w the destination of the log, as text with short times. Each line
// has the current identity of the goroutine that logs.
func logTo(w io.Writer) {
	text := slog.NewTextHandler(w, &slog.HandlerOptions{ReplaceAttr: shortTime})
	slog.SetDefault(slog.New(glslog.NewHandler(text, glslog.Attr(requestID), glslog.Attr(user), glslog.Attr(traceID))))
}

// shortTime drops the date of a line.
func shortTime(groups []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey && len(groups) == 0 {
		return slog.String(a.Key, a.Value.Time().Format("15:04:05.000"))
	}
	return a
}
