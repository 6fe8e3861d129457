//go:build !race

package glslog_test

import (
	"context"
	"io"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glslog"
)

// With the race detector, sync.Pool drops buffers at random, slog's too.

// allocs returns the allocations of one log line, with arguments that cost none
// themselves.
func allocs(logger *slog.Logger) float64 {
	ctx := context.Background()
	return testing.AllocsPerRun(100, func() {
		logger.LogAttrs(ctx, slog.LevelInfo, "message", slog.String("a", "b"), slog.Int("c", 1))
	})
}

func TestUnboundVariablesAllocateNothing(t *testing.T) {
	for _, test := range []struct {
		name   string
		derive func(*slog.Logger) *slog.Logger
	}{
		{"plain", func(l *slog.Logger) *slog.Logger { return l }},
		{"With", func(l *slog.Logger) *slog.Logger { return l.With("w", 1) }},
		{"in a group", func(l *slog.Logger) *slog.Logger { return l.WithGroup("g").With("w", 1) }},
	} {
		t.Run(test.name, func(t *testing.T) {
			without := slog.NewJSONHandler(io.Discard, nil)
			with := glslog.NewHandler(without, glslog.Attr(requestID), glslog.Attr(userID), glslog.Attr(region), glslog.Group("ctx"))
			want := allocs(test.derive(slog.New(without)))
			require.Equal(t, want, allocs(test.derive(slog.New(with))))
			require.Greater(t, func() (n float64) {
				requestID.With("req-7", func() { n = allocs(test.derive(slog.New(with))) })
				return n
			}(), want, "else this test measures nothing")
		})
	}
}

func TestBoundStringsAllocateNothing(t *testing.T) {
	defer requestID.Set("req-7").Reset()
	without := slog.NewJSONHandler(io.Discard, nil)
	with := glslog.NewHandler(without, glslog.Attr(requestID))
	require.Equal(t, allocs(slog.New(without)), allocs(slog.New(with)))
}

func TestWriterAllocatesNothing(t *testing.T) {
	line := []byte("message\n")
	w := glslog.NewWriter(io.Discard, glslog.Attr(requestID))
	write := func() { _, _ = w.Write(line) }
	require.Zero(t, testing.AllocsPerRun(100, write), "unbound")
	defer requestID.Set("req-7").Reset()
	require.Less(t, testing.AllocsPerRun(100, write), 1.0, "bound; the pool may lose a buffer to the collector")
}
