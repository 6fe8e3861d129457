package glszap_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/seed18162548/contextvars/contrib/glszap"
	"github.com/seed18162548/contextvars/gls/glslog"
	"github.com/seed18162548/contextvars/spawn"
)

type broken struct{ zapcore.LevelEnabler }

func (b broken) With([]zapcore.Field) zapcore.Core { return b }
func (b broken) Sync() error                       { return nil }
func (b broken) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	return ce.AddCore(e, b)
}
func (b broken) Write(zapcore.Entry, []zapcore.Field) error { return errors.New("the disk is full") }

// What the core behind returns reaches the logger's error output.
func TestErrorsOfTheCoreBehind(t *testing.T) {
	failures := func(opts ...zap.Option) string {
		var out bytes.Buffer
		clock := zap.WithClock(fixed{})
		l := zap.New(zapcore.NewTee(broken{zap.InfoLevel}, broken{zap.InfoLevel}), append(opts, clock, zap.ErrorOutput(zapcore.AddSync(&out)))...)
		tenant.With("acme", func() { l.Info("hi") })
		return out.String()
	}
	want := failures()
	require.Contains(t, want, "the disk is full; the disk is full")
	require.Equal(t, want, failures(glszap.With(glszap.Attr(tenant))))
}

type fixed struct{}

func (fixed) Now() time.Time                         { return time.Unix(0, 0) }
func (fixed) NewTicker(d time.Duration) *time.Ticker { return time.NewTicker(d) }

// Callers, stacks, hooks and terminal actions are those of the logger.
func TestWhatTheLoggerAdds(t *testing.T) {
	seen, entries := observer.New(zap.InfoLevel)
	hooked := 0
	l := zap.New(seen, glszap.With(glszap.Attr(tenant)), zap.AddCaller(), zap.AddStacktrace(zap.WarnLevel),
		zap.Hooks(func(zapcore.Entry) error { hooked++; return nil })).Named("name")
	tenant.With("acme", func() {
		l.Warn("hi")
		require.PanicsWithValue(t, "stop", func() { l.Panic("stop") })
	})
	for _, e := range entries.All() {
		require.Equal(t, "name", e.LoggerName)
		require.Contains(t, e.Caller.File, "pending_test.go")
		require.Contains(t, e.Stack, "TestWhatTheLoggerAdds")
		require.Equal(t, map[string]any{"tenant": "acme"}, e.ContextMap())
	}
	require.Equal(t, 2, entries.Len())
	require.Equal(t, 2, hooked)
}

// An entry that is written by another goroutine than the one that checked it
// has the values of the latter.
func TestReadOnTheGoroutineThatLogs(t *testing.T) {
	logger, read := logging()
	var ce *zapcore.CheckedEntry
	tenant.With("acme", func() { ce = logger.Check(zap.InfoLevel, "hi") })
	var wg spawn.WaitGroup
	tenant.With("other", func() { wg.Go(func() { ce.Write(zap.Int("n", 1)) }) })
	wg.Wait()
	require.Equal(t, `{"msg":"hi","tenant":"acme","n":1}`, read())
}

// Cores may keep the fields that they are given.
func TestFieldsAreNotPooled(t *testing.T) {
	keeping := &keeper{LevelEnabler: zap.InfoLevel}
	l := zap.New(keeping, glszap.With(glszap.Attr(tenant)))
	for i := 0; i < 100; i++ {
		tenant.With(fmt.Sprint(i), func() { l.Info("hi", zap.Int("n", i)) })
	}
	for i, fields := range keeping.kept {
		require.Equal(t, []zapcore.Field{zap.String("tenant", fmt.Sprint(i)), zap.Int("n", i)}, fields)
	}
}

type keeper struct {
	zapcore.LevelEnabler
	kept [][]zapcore.Field
}

func (k *keeper) With([]zapcore.Field) zapcore.Core { return k }
func (k *keeper) Sync() error                       { return nil }
func (k *keeper) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	return ce.AddCore(e, k)
}
func (k *keeper) Write(_ zapcore.Entry, fields []zapcore.Field) error {
	k.kept = append(k.kept, fields)
	return nil
}

func TestFieldsOfSet(t *testing.T) {
	logger, read := logging()
	inside := logger.With(zap.Namespace("ns"), zap.Int("a", 1))
	func() {
		defer glslog.Set("order_id", "o-1").Reset()
		for _, x := range []any{-1, uint8(1), 1.5, true, time.Second, time.Unix(0, 0), nil, map[string]int{"a": 1}} {
			defer glslog.Set(fmt.Sprintf("%T", x), x).Reset()
		}
		const want = `"order_id":"o-1","int":-1,"uint8":1,"float64":1.5,"bool":true,"time.Duration":1000000000,"time.Time":0,"<nil>":null,"map[string]int":{"a":1}`
		logger.Info("hi")
		require.Equal(t, `{"msg":"hi",`+want+`}`, read())
		inside.Info("hi")
		require.Equal(t, `{"msg":"hi",`+want+`,"ns":{"a":1}}`, read())
	}()
	logger.Info("hi")
	require.Equal(t, `{"msg":"hi"}`, read())
}

func TestNilOptionsAreIgnored(t *testing.T) {
	seen, entries := observer.New(zap.InfoLevel)
	tenant.With("acme", func() { zap.New(seen, glszap.With(nil, glszap.Attr(tenant), nil)).Info("hi") })
	require.Len(t, entries.All()[0].Context, 1)
}
