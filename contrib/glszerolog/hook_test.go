package glszerolog_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/rs/zerolog/diode"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glszerolog"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glstest"
	"github.com/seed18162548/contextvars/spawn"
)

var (
	tenant = gls.New[string]("tenant")
	count  = gls.New("count", gls.Default(7))
)

// logging returns a logger and a function that returns what was logged since.
func logging() (zerolog.Logger, func() string) {
	out := new(bytes.Buffer)
	logger := zerolog.New(out).Hook(glszerolog.NewHook(glszerolog.Attr(tenant), glszerolog.Attr(count)))
	return logger, func() string {
		defer out.Reset()
		return strings.TrimSpace(out.String())
	}
}

func TestBoundVariablesAreLogged(t *testing.T) {
	glstest.CheckLeaks(t)
	logger, read := logging()
	logger.Info().Msg("hi")
	require.Equal(t, `{"level":"info","message":"hi"}`, read(), "neither unset variables nor defaults")
	tenant.With("acme", func() {
		logger.Info().Int("n", 1).Msg("hi")
		require.Equal(t, `{"level":"info","n":1,"tenant":"acme","message":"hi"}`, read())
		count.With(0, func() { logger.Log().Send() })
		require.Equal(t, `{"tenant":"acme","count":0}`, read())
		_, err := spawn.Start(func() (int, error) { logger.Warn().Msg("spawned"); return 0, nil }).Wait()
		require.NoError(t, err)
		require.Equal(t, `{"level":"warn","tenant":"acme","message":"spawned"}`, read())
		derived := logger.With().Int("a", 1).Dict("d", zerolog.Dict().Int("b", 2)).Logger()
		derived.Info().Dict("e", zerolog.Dict().Int("c", 3)).Msg("")
		require.Equal(t, `{"level":"info","a":1,"d":{"b":2},"e":{"c":3},"tenant":"acme"}`, read())
	})
	logger.Info().Msg("hi")
	require.Equal(t, `{"level":"info","message":"hi"}`, read())
}

// logged returns the field of a variable that is bound to x.
func logged[T any](x T) string {
	var out bytes.Buffer
	v := gls.New[T]("v")
	logger := zerolog.New(&out).Hook(glszerolog.NewHook(glszerolog.Attr(v)))
	v.With(x, func() { logger.Log().Send() })
	return strings.TrimSpace(out.String())
}

func TestValues(t *testing.T) {
	for _, tt := range []struct{ want, got string }{
		{`{"v":"a\nb"}`, logged("a\nb")},
		{`{"v":-1}`, logged(-1)},
		{`{"v":-2}`, logged(int64(-2))},
		{`{"v":18446744073709551615}`, logged(uint64(1<<64 - 1))},
		{`{"v":false}`, logged(false)},
		{`{"v":0.5}`, logged(0.5)},
		{`{"v":[1,2]}`, logged([]int{1, 2})},
		{`{"v":null}`, logged[error](nil)},
		{`{"v":"1970-01-01T00:00:00Z"}`, logged(time.Unix(0, 0).UTC())},
	} {
		require.Equal(t, tt.want, tt.got)
	}
}

// What is not written is not resolved either.
func TestLevelsAndSampling(t *testing.T) {
	var out bytes.Buffer
	resolved := 0
	hide := glszerolog.AttrFunc(tenant, func(e *zerolog.Event, s string) { resolved++; e.Str("t", s[:1]) })
	logger := zerolog.New(&out).Level(zerolog.InfoLevel).Hook(glszerolog.NewHook(hide))
	tenant.With("acme", func() {
		logger.Debug().Msg("not enabled")
		sampled := logger.Sample(&zerolog.BasicSampler{N: 3})
		for range 7 {
			sampled.Info().Send()
		}
	})
	require.Equal(t, strings.Repeat(`{"level":"info","t":"a"}`+"\n", 3), out.String())
	require.Equal(t, 3, resolved)
}

// Many goroutines, one logger, a writer that writes elsewhere and later.
func TestEveryGoroutineLogsItsOwn(t *testing.T) {
	glstest.CheckLeaks(t)
	var out bytes.Buffer
	queue := diode.NewWriter(&out, 1000, 0, func(missed int) { t.Errorf("%d events are lost", missed) })
	logger := zerolog.New(queue).Hook(glszerolog.NewHook(glszerolog.Attr(tenant)))
	var all spawn.WaitGroup
	for i := range 8 {
		all.Go(func() {
			name := fmt.Sprint("t", i)
			defer tenant.Set(name).Reset()
			for range 100 {
				logger.Info().Msg(name)
			}
		})
	}
	all.Wait()
	require.NoError(t, queue.Close())
	lines := strings.Split(strings.TrimSpace(out.String()), "\n")
	require.Len(t, lines, 800)
	for _, line := range lines {
		var event struct{ Message, Tenant string }
		require.NoError(t, json.Unmarshal([]byte(line), &event))
		require.Equal(t, event.Message, event.Tenant)
	}
}

func TestAllocatesNothing(t *testing.T) {
	logger := zerolog.New(io.Discard).Hook(glszerolog.NewHook(glszerolog.Attr(tenant), glszerolog.Attr(count)))
	event := func() { logger.Info().Msg("hi") }
	require.Zero(t, testing.AllocsPerRun(100, event))
}

func TestMisuse(t *testing.T) {
	defer func() {
		err, _ := recover().(error)
		require.ErrorIs(t, err, gls.ErrNilFunc)
	}()
	glszerolog.AttrFunc(tenant, nil)
}
