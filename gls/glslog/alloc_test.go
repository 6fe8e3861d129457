//go:build !race

package glslog_test

import (
	"context"
	"io"
	"log/slog"
	"strconv"
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
		})
	}
}

func TestBoundStringsAllocateNothing(t *testing.T) {
	defer requestID.Set("req-7").Reset()
	defer glslog.Set("order_id", "o-1").Reset()
	json := slog.NewJSONHandler(io.Discard, nil)
	with := slog.New(glslog.NewHandler(json, glslog.Attr(requestID)))
	require.Equal(t, allocs(slog.New(json)), allocs(with))
	require.Equal(t, allocs(slog.New(json).WithGroup("g").With("w", 1)), allocs(with.WithGroup("g").With("w", 1)),
		"the derived handler is kept")
}

// A set of bindings that lasts for 20 lines costs less than an allocation a
// line.
func TestTwentyLinesInAGroup(t *testing.T) {
	logger := slog.New(glslog.NewHandler(slog.NewJSONHandler(io.Discard, nil), glslog.Attr(requestID), glslog.Attr(userID))).With("a", 1).WithGroup("g").With("b", 2)
	ctx, n := context.Background(), 0
	request := testing.AllocsPerRun(100, func() {
		n++
		defer requestID.Set(strconv.Itoa(n)).Reset()
		defer userID.Set(n).Reset()
		for i := 0; i < 20; i++ {
			logger.LogAttrs(ctx, slog.LevelInfo, "message", slog.Int("c", 1))
		}
	})
	require.Less(t, request, 20.0+3, "3 for the bindings")
	require.Greater(t, request, 3.0, "else the sets are not new")
}

func TestFieldsAllocateNothing(t *testing.T) {
	require.Zero(t, testing.AllocsPerRun(100, func() { glslog.Fields() }))
	defer glslog.Set("order_id", 1).Reset()
	require.Zero(t, testing.AllocsPerRun(100, func() { glslog.Fields() }))
}

func TestWriterAllocatesNothing(t *testing.T) {
	line := []byte("message\n")
	w := glslog.NewWriter(io.Discard, glslog.Attr(requestID))
	write := func() { _, _ = w.Write(line) }
	require.Zero(t, testing.AllocsPerRun(100, write), "unbound")
	defer requestID.Set("req-7").Reset()
	require.Less(t, testing.AllocsPerRun(100, write), 1.0, "bound; the pool may lose a buffer to the collector")
}
