package glsotel_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsotel"
	"github.com/seed18162548/contextvars/gls/glslog"
	"github.com/seed18162548/contextvars/spawn"
)

func TestLogRecordsHaveTheSpan(t *testing.T) {
	tp := record(t)
	var out bytes.Buffer
	logger := slog.New(glsotel.NewHandler(glslog.NewHandler(slog.NewJSONHandler(&out, nil), glslog.Attr(tenant))))
	read := func() (line map[string]any) {
		require.NoError(t, json.Unmarshal(out.Bytes(), &line))
		out.Reset()
		return line
	}
	elsewhere, other := tp.tracer().Start(context.Background(), "elsewhere")
	defer other.End()
	type key struct{}

	logger.Info("outside")
	require.NotContains(t, read(), "trace_id")

	glsotel.Run(tp.tracer(), "here", func() {
		here := glsotel.Span().SpanContext()
		tenant.With("acme", func() { logger.Info("inside") })
		line := read()
		require.Equal(t, here.TraceID().String(), line["trace_id"])
		require.Equal(t, here.SpanID().String(), line["span_id"])
		require.Equal(t, "acme", line["tenant"])

		logger.With("a", 1).WithGroup("g").With("b", 2).Info("grouped", "c", 3)
		line = read()
		require.Equal(t, here.TraceID().String(), line["trace_id"])
		require.Equal(t, map[string]any{"b": 2.0, "c": 3.0}, line["g"])

		logger.InfoContext(elsewhere, "an explicit context")
		require.Equal(t, other.SpanContext().SpanID().String(), read()["span_id"])

		logger.InfoContext(context.WithValue(context.Background(), key{}, 1), "one without a span")
		require.NotContains(t, read(), "trace_id")

		_, err := spawn.Start(func() (int, error) { logger.Info("spawned"); return 0, nil }).Wait()
		require.NoError(t, err)
		require.Equal(t, here.SpanID().String(), read()["span_id"])

		logger.Debug("not enabled")
		require.Empty(t, out.String())
	})
	logger.Info("outside")
	require.NotContains(t, read(), "trace_id")
}
