package glslogrus_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/sirupsen/logrus"
	logrustest "github.com/sirupsen/logrus/hooks/test"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glslogrus"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glslog"
	"github.com/seed18162548/contextvars/gls/glstest"
	"github.com/seed18162548/contextvars/spawn"
)

var (
	tenant = gls.New[string]("tenant")
	count  = gls.New("count", gls.Default(7))
)

// writing returns a logger of JSON, without times.
func writing(out io.Writer, opts ...glslogrus.Option) *logrus.Logger {
	logger := logrus.New()
	logger.SetOutput(out)
	logger.SetFormatter(&logrus.JSONFormatter{DisableTimestamp: true})
	logger.AddHook(glslogrus.NewHook(opts...))
	return logger
}

func TestBoundVariablesAreLogged(t *testing.T) {
	glstest.CheckLeaks(t)
	var out bytes.Buffer
	logger := writing(&out, glslogrus.Attr(tenant), glslogrus.Attr(count))
	read := func() string {
		defer out.Reset()
		return strings.TrimSpace(out.String())
	}
	shared := logger.WithField("a", 1)
	logger.Info("hi")
	require.Equal(t, `{"level":"info","msg":"hi"}`, read(), "neither unset variables nor defaults")
	tenant.With("acme", func() {
		shared.Info("hi")
		require.Equal(t, `{"a":1,"level":"info","msg":"hi","tenant":"acme"}`, read())
		count.With(0, func() { logger.Warnf("%d", 1) })
		require.Equal(t, `{"count":0,"level":"warning","msg":"1","tenant":"acme"}`, read())
		logger.WithField("tenant", "explicit").Info("hi")
		require.Equal(t, `{"level":"info","msg":"hi","tenant":"explicit"}`, read())
		_, err := spawn.Start(func() (int, error) { logger.Info("spawned"); return 0, nil }).Wait()
		require.NoError(t, err)
		require.Equal(t, `{"level":"info","msg":"spawned","tenant":"acme"}`, read())
		(&logrus.Entry{Logger: logger}).Info("without data")
		require.Equal(t, `{"level":"info","msg":"without data","tenant":"acme"}`, read())
	})
	shared.Info("hi")
	require.Equal(t, `{"a":1,"level":"info","msg":"hi"}`, read(), "the shared entry is what it was")
}

func TestLevels(t *testing.T) {
	resolved := 0
	logger := writing(io.Discard, glslogrus.AttrFunc("t", tenant, func(s string) any { resolved++; return s[:1] }))
	behind := logrustest.NewLocal(logger)
	tenant.With("acme", func() {
		logger.Debug("not enabled")
		require.Zero(t, resolved)
		logger.Error("enabled")
		require.Panics(t, func() { logger.Panic("enabled too") })
	})
	require.Equal(t, 2, resolved)
	require.Len(t, behind.AllEntries(), 2)
	for _, e := range behind.AllEntries() {
		require.Equal(t, logrus.Fields{"t": "a"}, e.Data, "seen by the hooks that follow")
	}
}

// Many goroutines, one logger and one entry, a writer that writes elsewhere.
func TestEveryGoroutineLogsItsOwn(t *testing.T) {
	glstest.CheckLeaks(t)
	var out bytes.Buffer
	reader, writer := io.Pipe()
	copied := make(chan error)
	go func() {
		_, err := io.Copy(&out, reader)
		copied <- err
	}()
	entry := writing(writer, glslogrus.Attr(tenant)).WithField("a", 1)
	var all spawn.WaitGroup
	for i := 0; i < 8; i++ {
		i := i
		all.Go(func() {
			name := fmt.Sprint("t", i)
			defer tenant.Set(name).Reset()
			for n := 0; n < 100; n++ {
				entry.Info(name)
			}
		})
	}
	all.Wait()
	require.NoError(t, writer.Close())
	require.NoError(t, <-copied)
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 800)
	for _, line := range lines {
		var e struct{ Msg, Tenant string }
		require.NoError(t, json.Unmarshal([]byte(line), &e))
		require.Equal(t, e.Msg, e.Tenant)
	}
}

func TestMisuse(t *testing.T) {
	defer func() {
		err, _ := recover().(error)
		require.ErrorIs(t, err, gls.ErrNilFunc)
	}()
	glslogrus.AttrFunc("t", tenant, nil)
}

type panicking struct{}

func (panicking) MarshalJSON() ([]byte, error) { panic("no") }
func (panicking) String() string               { panic("no") }

type panickingError struct{ s *string }

func (p *panickingError) Error() string { return *p.s }

// A value whose method panics, or that has no JSON, does not lose the line.
func TestPanickingValues(t *testing.T) {
	v := gls.New[any]("v")
	const nilPointer = "runtime error: invalid memory address or nil pointer dereference"
	for _, tt := range []struct {
		x          any
		json, text string
	}{
		{panicking{}, `"!PANIC: no"`, `"%!v(PANIC=String method: no)"`},
		{[]any{panicking{}}, `"!PANIC: no"`, `"[%!v(PANIC=String method: no)]"`},
		{&panickingError{}, `"!PANIC: ` + nilPointer + `"`, `"%!v(PANIC=Error method: ` + nilPointer + `)"`},
		{errors.New("e"), `"e"`, "e"},
		{func() {}, `"!ERROR:json: unsupported type: func()"`, ""},
		{math.NaN(), `"!ERROR:json: unsupported value: NaN"`, "NaN"},
		{map[string]any{"a": 1}, `{"a":1}`, `"map[a:1]"`},
		{nil, "null", `"<nil>"`},
	} {
		t.Run(fmt.Sprintf("%T", tt.x), func(t *testing.T) {
			var out bytes.Buffer
			logger := writing(&out, nil, glslogrus.Attr(v))
			v.With(tt.x, func() { logger.Info("hi") })
			require.Equal(t, `{"level":"info","msg":"hi","v":`+tt.json+"}\n", out.String())
			out.Reset()
			logger.SetFormatter(&logrus.TextFormatter{DisableTimestamp: true, DisableColors: true})
			v.With(tt.x, func() { logger.Info("hi") })
			if tt.text != "" {
				require.Equal(t, "level=info msg=hi v="+tt.text+"\n", out.String())
			}
			require.Contains(t, out.String(), "level=info msg=hi v=")
		})
	}
}

func TestFieldsOfSet(t *testing.T) {
	var out bytes.Buffer
	logger := writing(&out)
	func() {
		defer glslog.Set("order_id", "o-1").Reset()
		for _, x := range []any{-1, 1.5, true, time.Second, nil, map[string]int{"a": 1}} {
			defer glslog.Set(fmt.Sprintf("%T", x), x).Reset()
		}
		logger.WithField("int", "given").Info("hi")
		require.Equal(t, `{"\u003cnil\u003e":null,"bool":true,"float64":1.5,"int":"given","level":"info","map[string]int":{"a":1},"msg":"hi","order_id":"o-1","time.Duration":1000000000}`+"\n", out.String())
	}()
	out.Reset()
	logger.Info("hi")
	require.Equal(t, `{"level":"info","msg":"hi"}`+"\n", out.String())
}
