package glslog_test

import (
	"context"
	"io"
	"log"
	"log/slog"
	"testing"

	"github.com/seed18162548/contextvars/gls/glslog"
)

// BenchmarkLog compares a line with two variables, bound or not, with one of a
// logger that got the same values by With. Sub-benchmarks run on goroutines of
// their own, so each binds for itself.
func BenchmarkLog(b *testing.B) {
	line := func(b *testing.B, h slog.Handler) {
		ctx, logger := context.Background(), slog.New(h)
		b.ReportAllocs()
		b.ResetTimer()
		for i := 0; i < b.N; i++ {
			logger.LogAttrs(ctx, slog.LevelInfo, "message", slog.String("a", "b"), slog.Int("c", 1))
		}
	}
	json := slog.NewJSONHandler(io.Discard, nil)
	same := json.WithAttrs([]slog.Attr{slog.String("request_id", "req-7"), slog.Int("user_id", 7)})
	adding := glslog.NewHandler(json, glslog.Attr(requestID), glslog.Attr(userID))
	for _, test := range []struct {
		name       string
		bound      bool
		ours, slog slog.Handler
	}{
		{"bound=0", false, adding, json},
		{"bound=2", true, adding, same},
		{"bound=2/group=1", true, adding.WithGroup("g"), same.WithGroup("g")},
	} {
		b.Run(test.name+"/impl=slog", func(b *testing.B) { line(b, test.slog) })
		b.Run(test.name+"/impl=glslog", func(b *testing.B) {
			if test.bound {
				defer requestID.Set("req-7").Reset()
				defer userID.Set(7).Reset()
			}
			line(b, test.ours)
		})
	}
}

func BenchmarkPrint(b *testing.B) {
	for _, impl := range []struct {
		name string
		w    io.Writer
	}{
		{"log", struct{ io.Writer }{io.Discard}}, // package log knows io.Discard and does nothing
		{"glslog", glslog.NewWriter(io.Discard, glslog.Attr(requestID))},
	} {
		b.Run("impl="+impl.name, func(b *testing.B) {
			defer requestID.Set("req-7").Reset()
			logger := log.New(impl.w, "", log.LstdFlags)
			b.ReportAllocs()
			for i := 0; i < b.N; i++ {
				logger.Print("message")
			}
		})
	}
}
