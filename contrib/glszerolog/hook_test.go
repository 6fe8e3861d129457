package glszerolog_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"
	"github.com/rs/zerolog/diode"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glszerolog"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glslog"
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
	hide := glszerolog.AttrFunc("t", tenant, func(s string) any { resolved++; return s[:1] })
	logger := zerolog.New(&out).Level(zerolog.InfoLevel).Hook(glszerolog.NewHook(hide))
	tenant.With("acme", func() {
		logger.Debug().Msg("not enabled")
		sampled := logger.Sample(&zerolog.BasicSampler{N: 3})
		for i := 0; i < 7; i++ {
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
	for i := 0; i < 8; i++ {
		i := i
		all.Go(func() {
			name := fmt.Sprint("t", i)
			defer tenant.Set(name).Reset()
			for n := 0; n < 100; n++ {
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

func TestMisuse(t *testing.T) {
	defer func() {
		err, _ := recover().(error)
		require.ErrorIs(t, err, gls.ErrNilFunc)
	}()
	glszerolog.AttrFunc("t", tenant, nil)
}

type panicking struct{}

func (panicking) MarshalJSON() ([]byte, error) { panic("no") }

type panickingObject struct{}

func (panickingObject) MarshalZerologObject(e *zerolog.Event) {
	e.Int("a", 1).Object("inner", panickingObject2{})
}

type panickingObject2 struct{}

func (panickingObject2) MarshalZerologObject(*zerolog.Event) { panic("no") }

type panickingError struct{ s *string }

func (p *panickingError) Error() string { return *p.s }

type object struct{}

func (object) MarshalZerologObject(e *zerolog.Event) { e.Int("a", 1) }

// A value whose method panics does not lose the event.
func TestPanickingValues(t *testing.T) {
	v := gls.New[any]("v")
	for _, tt := range []struct {
		x    any
		want string
	}{
		{panicking{}, `"!PANIC: no"`}, {[]any{panicking{}}, `"!PANIC: no"`}, {panickingObject{}, `"!PANIC: no"`}, {object{}, `{"a":1}`},
		{&panickingError{}, `"!PANIC: runtime error: invalid memory address or nil pointer dereference"`}, {errors.New("e"), `"e"`},
		{make(chan int), `"!ERROR:json: unsupported type: chan int"`}, {"s", `"s"`}, {1, "1"}, {true, "true"}, {nil, "null"},
	} {
		for name, attr := range map[string]glszerolog.Option{
			"Attr": glszerolog.Attr(v), "AttrFunc": glszerolog.AttrFunc("v", v, func(x any) any { return x }),
		} {
			t.Run(fmt.Sprintf("%s/%T", name, tt.x), func(t *testing.T) {
				var out bytes.Buffer
				l := zerolog.New(&out).Hook(glszerolog.NewHook(nil, attr, glszerolog.Attr(tenant)))
				defer tenant.Set("acme").Reset()
				v.With(tt.x, func() { l.Info().Int("n", 1).Msg("hi") })
				require.Equal(t, `{"level":"info","n":1,"v":`+tt.want+`,"tenant":"acme","message":"hi"}`+"\n", out.String())
			})
		}
	}
}

func TestFieldsOfSet(t *testing.T) {
	logger, read := logging()
	func() {
		defer glslog.Set("order_id", "o-1").Reset()
		for _, x := range []any{-1, uint8(1), 1.5, true, time.Second, time.Unix(0, 0).UTC(), nil, map[string]int{"a": 1}} {
			defer glslog.Set(fmt.Sprintf("%T", x), x).Reset()
		}
		logger.Info().Msg("hi")
		require.Equal(t, `{"level":"info","order_id":"o-1","int":-1,"uint8":1,"float64":1.5,"bool":true,"time.Duration":1000,"time.Time":"1970-01-01T00:00:00Z","<nil>":null,"map[string]int":{"a":1},"message":"hi"}`, read())
	}()
	logger.Info().Msg("hi")
	require.Equal(t, `{"level":"info","message":"hi"}`, read())
}
