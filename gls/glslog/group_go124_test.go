//go:build go1.24

package glslog_test

import (
	"io"
	"log/slog"
	"runtime"
	"testing"
	"weak"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glslog"
)

// A kept handler does not keep what was bound alive.
func TestKeptHandlersHoldNoValues(t *testing.T) {
	user := gls.New[*account]("user")
	l := slog.New(glslog.NewHandler(slog.NewJSONHandler(io.Discard, nil), glslog.Attr(user))).WithGroup("g").With("a", 1)
	value := func() weak.Pointer[account] {
		u := &account{Name: "x"}
		user.With(u, func() { l.Info("m"); l.Info("m") })
		return weak.Make(u)
	}()
	runtime.GC()
	runtime.GC()
	require.Nil(t, value.Value())
	runtime.KeepAlive(l)
}

// What was bound is formatted once while the binding stays.
func TestBoundPointersAreFormattedOnce(t *testing.T) {
	n := 0
	counted := gls.New[marshaler]("counted")
	l := slog.New(glslog.NewHandler(slog.NewJSONHandler(io.Discard, nil), glslog.Attr(counted))).WithGroup("g")
	counted.With(marshaler{&n}, func() {
		for i := 0; i < 20; i++ {
			l.Info("m", "a", 1)
		}
	})
	require.Equal(t, 1, n)
}
