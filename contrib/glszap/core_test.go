package glszap_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"
	"go.uber.org/zap/zaptest/observer"

	"github.com/seed18162548/contextvars/contrib/glszap"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glstest"
	"github.com/seed18162548/contextvars/spawn"
)

var (
	tenant = gls.New[string]("tenant")
	count  = gls.New("count", gls.Default(7))
)

// jsonCore returns a core that writes JSON, without times, to out.
func jsonCore(out zapcore.WriteSyncer, level zapcore.LevelEnabler) zapcore.Core {
	return zapcore.NewCore(zapcore.NewJSONEncoder(zapcore.EncoderConfig{MessageKey: "msg"}), out, level)
}

// logging returns a logger and a function that returns what was logged since.
func logging(opts ...zap.Option) (*zap.Logger, func() string) {
	var out bytes.Buffer
	opts = append([]zap.Option{glszap.With(glszap.Attr(tenant), glszap.Attr(count))}, opts...)
	return zap.New(jsonCore(zapcore.AddSync(&out), zap.InfoLevel), opts...), func() string {
		defer out.Reset()
		return strings.TrimSpace(out.String())
	}
}

func TestBoundVariablesAreLogged(t *testing.T) {
	glstest.CheckLeaks(t)
	logger, read := logging()
	logger.Info("hi")
	require.Equal(t, `{"msg":"hi"}`, read(), "neither unset variables nor defaults")
	tenant.With("acme", func() {
		logger.Info("hi", zap.Int("n", 1))
		require.Equal(t, `{"msg":"hi","tenant":"acme","n":1}`, read())
		count.With(0, func() { logger.Sugar().Infow("hi", "n", 1) })
		require.Equal(t, `{"msg":"hi","tenant":"acme","count":0,"n":1}`, read())
		_, err := spawn.Start(func() (int, error) { logger.Warn("spawned"); return 0, nil }).Wait()
		require.NoError(t, err)
		require.Equal(t, `{"msg":"spawned","tenant":"acme"}`, read())
	})
	logger.Info("hi")
	require.Equal(t, `{"msg":"hi"}`, read())
}

func TestWithAndNamespaces(t *testing.T) {
	logger, read := logging()
	with := logger.With(zap.Int("a", 1))
	inside := with.With(zap.Int("b", 2), zap.Namespace("ns"), zap.Int("c", 3)).With(zap.Int("d", 4))
	lazy := logger.WithLazy(zap.Namespace("ns"), zap.Int("c", 3))
	sibling := inside.With(zap.Int("e", 5))
	inside.Info("hi")
	require.Equal(t, `{"msg":"hi","a":1,"b":2,"ns":{"c":3,"d":4}}`, read())
	tenant.With("acme", func() {
		with.Info("hi")
		require.Equal(t, `{"msg":"hi","a":1,"tenant":"acme"}`, read())
		inside.Info("hi", zap.Int("n", 1))
		require.Equal(t, `{"msg":"hi","a":1,"b":2,"tenant":"acme","ns":{"c":3,"d":4,"n":1}}`, read())
		sibling.Info("hi", zap.Namespace("in"), zap.Int("n", 1))
		require.Equal(t, `{"msg":"hi","a":1,"b":2,"tenant":"acme","ns":{"c":3,"d":4,"e":5,"in":{"n":1}}}`, read())
		lazy.Info("hi")
		require.Equal(t, `{"msg":"hi","tenant":"acme","ns":{"c":3}}`, read())
	})
}

func TestLevels(t *testing.T) {
	resolved := 0
	attr := glszap.AttrFunc("t", tenant, func(s string) any { resolved++; return s[:1] })
	seen, entries := observer.New(zap.WarnLevel)
	logger := zap.New(glszap.NewCore(seen, attr))
	tenant.With("acme", func() {
		logger.Info("not enabled")
		require.Zero(t, resolved)
		require.Nil(t, logger.Check(zap.InfoLevel, "not enabled"))
		logger.WithOptions(zap.IncreaseLevel(zap.ErrorLevel)).Warn("not enabled")
		logger.Warn("enabled")
	})
	require.Equal(t, zap.WarnLevel, logger.Level())
	require.Equal(t, 1, resolved)
	require.Equal(t, map[string]any{"t": "a"}, entries.All()[0].ContextMap())
}

// The sampler behind counts each entry once, with and without bindings.
func TestSampling(t *testing.T) {
	seen, entries := observer.New(zap.InfoLevel)
	sampled := zapcore.NewSamplerWithOptions(seen, time.Hour, 2, 3)
	logger := zap.New(sampled, glszap.With(glszap.Attr(tenant)))
	for i := 0; i < 8; i++ {
		tenant.With(fmt.Sprint(i), func() { logger.Info("often") })
	}
	var got []any
	for _, e := range entries.All() {
		got = append(got, e.ContextMap()["tenant"])
	}
	require.Equal(t, []any{"0", "1", "4", "7"}, got)
}

func TestSamplingAround(t *testing.T) {
	seen, entries := observer.New(zap.InfoLevel)
	logger := zap.New(zapcore.NewSamplerWithOptions(glszap.NewCore(seen, glszap.Attr(tenant)), time.Hour, 1, 0))
	tenant.With("acme", func() { logger.Info("often"); logger.Info("often") })
	require.Equal(t, 1, entries.Len())
	require.Equal(t, map[string]any{"tenant": "acme"}, entries.All()[0].ContextMap())
}

// The sampler that was given and the one inside share their counters, even when
// the logger has fields.
func TestSamplersShareTheirCounters(t *testing.T) {
	seen, entries := observer.New(zap.InfoLevel)
	sampled := zapcore.NewSamplerWithOptions(seen, time.Hour, 2, 0)
	plain, ours := zap.New(sampled), zap.New(sampled, glszap.With(glszap.Attr(tenant)))
	plain.Info("often")
	tenant.With("acme", func() { ours.With(zap.Namespace("ns")).Info("often", zap.Int("n", 1)); ours.Info("often") })
	plain.Info("often")
	require.Equal(t, 2, entries.Len())
	require.Equal(t, map[string]any{"tenant": "acme", "ns": map[string]any{"n": int64(1)}}, entries.All()[1].ContextMap())
}

// decisive is a core of unknown make that drops every second entry.
type decisive struct {
	zapcore.Core
	n *int
}

func (d decisive) With(f []zapcore.Field) zapcore.Core { return decisive{d.Core.With(f), d.n} }
func (d decisive) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if *d.n++; *d.n%2 == 0 {
		return ce
	}
	return d.Core.Check(e, ce)
}

func TestCoresOfUnknownMakeDecideOnce(t *testing.T) {
	resolved := 0
	seen, entries := observer.New(zap.InfoLevel)
	attr := glszap.AttrFunc("t", tenant, func(s string) any { resolved++; return s })
	logger := zap.New(decisive{seen, new(int)}, glszap.With(attr)).With(zap.Namespace("ns"), zap.Int("a", 1))
	for i := 0; i < 6; i++ {
		tenant.With("acme", func() { logger.Info("hi", zap.Int("n", i)) })
	}
	require.Equal(t, 3, entries.Len())
	require.Equal(t, 3, resolved, "only for what is written")
	require.Equal(t, map[string]any{"t": "acme", "ns": map[string]any{"a": int64(1), "n": int64(4)}}, entries.All()[2].ContextMap())
}

// Lines whose bindings alternate, repeat or are always new have their own.
func TestKeptCores(t *testing.T) {
	logger, read := logging()
	inside := logger.With(zap.Namespace("ns"), zap.Int("a", 1))
	for i := 0; i < 2000; i++ {
		n := []int{i, i % 7, i % 500, i / 4, -i}[i%5]
		who := []string{"", "acme", "a", fmt.Sprint(n)}[i%4]
		count.With(n, func() {
			tenant.With(who, func() {
				logger.Info("hi")
				require.Equal(t, fmt.Sprintf(`{"msg":"hi","tenant":%q,"count":%d}`, who, n), read())
				inside.Info("hi")
				require.Equal(t, fmt.Sprintf(`{"msg":"hi","tenant":%q,"count":%d,"ns":{"a":1}}`, who, n), read())
			})
		})
	}
}

// deciding is a core that adds itself, whatever the one behind thinks.
type deciding struct{ zapcore.Core }

func (d deciding) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	return ce.AddCore(e, d)
}

func TestWriteWithoutCheck(t *testing.T) {
	seen, entries := observer.New(zap.InfoLevel)
	logger := zap.New(deciding{glszap.NewCore(seen, glszap.Attr(tenant))})
	tenant.With("acme", func() { logger.Info("hi", zap.Int("n", 1)) })
	require.Equal(t, map[string]any{"tenant": "acme", "n": int64(1)}, entries.All()[0].ContextMap())
}

func TestTee(t *testing.T) {
	one, first := observer.New(zap.InfoLevel)
	two, second := observer.New(zap.ErrorLevel)
	logger := zap.New(zapcore.NewTee(one, two), glszap.With(glszap.Attr(tenant)))
	tenant.With("acme", func() { logger.Info("hi"); logger.Error("oh") })
	require.Equal(t, 2, first.FilterField(zap.String("tenant", "acme")).Len())
	require.Equal(t, 1, second.FilterField(zap.String("tenant", "acme")).Len())
}

// Many goroutines, one logger, a writer that writes elsewhere and later.
func TestEveryGoroutineLogsItsOwn(t *testing.T) {
	glstest.CheckLeaks(t)
	var out bytes.Buffer
	buffered := &zapcore.BufferedWriteSyncer{WS: zapcore.AddSync(&out), FlushInterval: time.Millisecond}
	logger := zap.New(jsonCore(buffered, zap.InfoLevel), glszap.With(glszap.Attr(tenant))).With(zap.Namespace("ns"))
	var all spawn.WaitGroup
	for i := 0; i < 8; i++ {
		i := i
		all.Go(func() {
			name := fmt.Sprint("t", i)
			defer tenant.Set(name).Reset()
			for n := 0; n < 100; n++ {
				logger.Info(name)
			}
		})
	}
	all.Wait()
	require.NoError(t, logger.Sync())
	require.NoError(t, buffered.Stop())
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 800)
	for _, line := range lines {
		var entry struct{ Msg, Tenant string }
		require.NoError(t, json.Unmarshal([]byte(line), &entry))
		require.Equal(t, entry.Msg, entry.Tenant)
	}
}

func TestMisuse(t *testing.T) {
	defer func() {
		err, _ := recover().(error)
		require.ErrorIs(t, err, gls.ErrNilFunc)
		require.Panics(t, func() { glszap.NewCore(nil) })
	}()
	glszap.AttrFunc("t", tenant, nil)
}

// Kept cores are those of the goroutine's own bindings, whoever else uses the
// logger.
func TestKeptCoresUnderConcurrency(t *testing.T) {
	wrong := new(atomic.Int64)
	logger := zap.New(jsonCore(checking{wrong}, zap.InfoLevel), glszap.With(glszap.Attr(tenant), glszap.Attr(count)))
	inside := logger.With(zap.Namespace("ns"), zap.Int("a", 1))
	var all spawn.WaitGroup
	for g := 0; g < 8; g++ {
		g := g
		all.Go(func() {
			for i := 0; i < 600; i++ {
				n := i % (40 * (g%2 + 1)) // sets come again, some of them in many goroutines
				defer count.Set(n).Reset()
				tenant.With(fmt.Sprint("t", n), func() {
					for line := 0; line < 3; line++ {
						logger.Info(fmt.Sprintf(`"tenant":"t%d","count":%d}`, n, n))
						inside.Info(fmt.Sprintf(`"tenant":"t%d","count":%d,"ns":{"a":1}}`, n, n))
					}
				})
			}
		})
	}
	all.Wait()
	require.Zero(t, wrong.Load())
}

// checking counts the lines whose end is not what their message says.
type checking struct{ wrong *atomic.Int64 }

func (c checking) Sync() error { return nil }
func (c checking) Write(line []byte) (int, error) {
	var entry struct{ Msg string }
	if json.Unmarshal(line, &entry) != nil || !strings.HasSuffix(strings.TrimSpace(string(line)), entry.Msg) {
		c.wrong.Add(1)
	}
	return len(line), nil
}
