//go:build !race

package glszap_test

import (
	"io"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/seed18162548/contextvars/contrib/glszap"
	"github.com/seed18162548/contextvars/gls"
)

// With the race detector, sync.Pool drops objects at random, zap's too.

// A line costs one allocation more than one with explicit fields.
func TestAllocations(t *testing.T) {
	n := gls.New[int]("n")
	newLogger := func(opts ...zap.Option) *zap.Logger {
		return zap.New(jsonCore(zapcore.AddSync(io.Discard), zap.InfoLevel), opts...)
	}
	explicit, ours := newLogger(), newLogger(glszap.With(glszap.Attr(tenant), glszap.Attr(n)))
	defer tenant.Set("acme").Reset()
	defer n.Set(1000).Reset()
	for name, f := range map[string]func() (*zap.Logger, *zap.Logger){
		"top":  func() (*zap.Logger, *zap.Logger) { return explicit, ours },
		"with": func() (*zap.Logger, *zap.Logger) { return explicit.With(zap.Int("a", 1)), ours.With(zap.Int("a", 1)) },
		"a namespace": func() (*zap.Logger, *zap.Logger) {
			return explicit.With(zap.Namespace("a")), ours.With(zap.Namespace("a"))
		},
	} {
		a, b := f()
		want := testing.AllocsPerRun(200, func() { a.Info("hi", zap.Int("k", 1), zap.String("tenant", "acme"), zap.Int("n", 1000)) })
		got := testing.AllocsPerRun(200, func() { b.Info("hi", zap.Int("k", 1)) })
		require.LessOrEqual(t, got, want+1, name)
		require.Zero(t, testing.AllocsPerRun(200, func() { b.Debug("hi") }), name)
	}
	sampled := zap.New(zapcore.NewSamplerWithOptions(jsonCore(zapcore.AddSync(io.Discard), zap.InfoLevel), time.Hour, 1, 0), glszap.With(glszap.Attr(tenant)))
	require.Zero(t, testing.AllocsPerRun(200, func() { sampled.Info("often") }))
}
