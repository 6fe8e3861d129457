package glslogrus_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/sirupsen/logrus"
	logrustest "github.com/sirupsen/logrus/hooks/test"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glslogrus"
	"github.com/seed18162548/contextvars/gls"
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
	for i := range 8 {
		all.Go(func() {
			name := fmt.Sprint("t", i)
			defer tenant.Set(name).Reset()
			for range 100 {
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
