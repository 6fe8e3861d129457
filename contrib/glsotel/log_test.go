package glsotel_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"strings"
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

// valuer is a LogValuer that counts its calls.
type valuer struct{ n *int }

func (v valuer) LogValue() slog.Value { *v.n++; return slog.IntValue(*v.n) }

// The arguments of With are those of the time of With, in groups too.
func TestLogRecordsKeepWhatWithWasGiven(t *testing.T) {
	tp := record(t)
	n, m := 0, map[string]int{"a": 1}
	var out bytes.Buffer
	logger := slog.New(glsotel.NewHandler(slog.NewTextHandler(&out, nil))).WithGroup("g").With("valuer", valuer{&n}, "map", m)
	m["a"] = 2
	glsotel.Run(tp.tracer(), "here", func() { logger.Info("x"); logger.Info("y") })
	logger.Info("z")
	require.Equal(t, 1, n)
	require.Equal(t, 3, strings.Count(out.String(), "g.valuer=1 g.map=map[a:1]"), out.String())
	require.Equal(t, 2, strings.Count(out.String(), "trace_id"))
}

// Fields of glslog.Set are shown, once, whichever handlers are there.
func TestLogRecordsHaveTheFields(t *testing.T) {
	defer glslog.Set("order_id", 7).Reset()
	var out bytes.Buffer
	for _, h := range []slog.Handler{
		glsotel.NewHandler(slog.NewTextHandler(&out, nil)),
		glsotel.NewHandler(glslog.NewHandler(slog.NewTextHandler(&out, nil))),
		glslog.NewHandler(glsotel.NewHandler(slog.NewTextHandler(&out, nil))),
	} {
		out.Reset()
		slog.New(h).WithGroup("g").Info("m", "a", 1)
		require.Equal(t, 1, strings.Count(out.String(), "order_id=7"), out.String())
	}
}
