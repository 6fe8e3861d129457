package glslog_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glslog"
	"github.com/seed18162548/contextvars/spawn"
)

// logIn returns what l logs with v bound to x.
func logIn[T any](out *bytes.Buffer, l *slog.Logger, v *gls.Var[T], x T) string {
	out.Reset()
	v.With(x, func() { l.Info("m") })
	return strings.TrimSpace(out.String())
}

// Values that look alike share a handler, others never do.
func TestKeptHandlersTellValuesApart(t *testing.T) {
	v := gls.New[any]("v")
	var out bytes.Buffer
	l := slog.New(glslog.NewHandler(plainJSON(&out), glslog.Attr(v))).WithGroup("g").With("a", 1)
	zone := time.FixedZone("x", 3600)
	at := time.Unix(5, 0)
	n := math.NaN()
	for round := 0; round < 3; round++ {
		for _, tt := range []struct {
			x    any
			want string
		}{
			{"1", `"1"`}, {1, `1`}, {uint64(1), `1`}, {1.0, `1`}, {true, `true`}, {false, `false`}, {nil, `null`},
			{0.0, `0`}, {math.Copysign(0, -1), `-0`}, {time.Duration(1), `1`}, {n, `"!ERROR:json: unsupported value: NaN"`},
			{at.UTC(), `"1970-01-01T00:00:05Z"`}, {at.In(zone), `"1970-01-01T01:00:05+01:00"`},
			{slog.GroupValue(slog.Int("a", 1)), `{"a":1}`}, {slog.GroupValue(slog.Int("b", 1)), `{"b":1}`},
			{[]int{1}, `[1]`}, {map[string]int{"a": 1}, `{"a":1}`}, {&account{Name: "x"}, `{"Name":"x","Tags":null,"Next":null}`},
		} {
			require.Equal(t, `{"level":"INFO","msg":"m","v":`+tt.want+`,"g":{"a":1}}`, logIn(&out, l, v, tt.x))
		}
	}
}

// A pointer that is bound anew is formatted anew: it may point to other data.
func TestBindingsTellPointersApart(t *testing.T) {
	user := gls.New[*account]("user")
	var out bytes.Buffer
	l := slog.New(glslog.NewHandler(plainJSON(&out), glslog.AttrFunc("user", user, func(u *account) slog.Value { return slog.AnyValue(u.Tags) }))).WithGroup("g").With("a", 1)
	u := &account{Tags: []string{"one"}}
	require.Contains(t, logIn(&out, l, user, u), `"user":["one"]`)
	u.Tags[0] = "two"
	require.Contains(t, logIn(&out, l, user, u), `"user":["two"]`)
}

func TestManySetsOfBindings(t *testing.T) {
	var out bytes.Buffer
	l := slog.New(glslog.NewHandler(plainJSON(&out), glslog.Attr(requestID), glslog.Attr(userID))).WithGroup("g").With("a", 1)
	for i := 0; i < 3000; i++ {
		id := fmt.Sprint("r", i%1000)
		userID.With(i%3, func() {
			require.Equal(t, fmt.Sprintf(`{"level":"INFO","msg":"m","request_id":%q,"user_id":%d,"g":{"a":1}}`, id, i%3), logIn(&out, l, requestID, id))
		})
	}
}

// checking is a handler whose records say what they should have.
type checking struct {
	slog.Handler
	attrs string
	wrong *atomic.Int64
}

func (c checking) Enabled(context.Context, slog.Level) bool { return true }
func (c checking) WithGroup(string) slog.Handler            { return c }
func (c checking) WithAttrs(attrs []slog.Attr) slog.Handler {
	c.attrs += fmt.Sprint(attrs)
	return c
}
func (c checking) Handle(_ context.Context, r slog.Record) error {
	if c.attrs != r.Message {
		c.wrong.Add(1)
	}
	return nil
}

func TestKeptHandlersUnderConcurrency(t *testing.T) {
	type secret struct{ name string }
	who := gls.New[*secret]("who")
	var wrong atomic.Int64
	show := func(s *secret) slog.Value { return slog.AnyValue(*s) } // by binding
	l := slog.New(glslog.NewHandler(checking{wrong: &wrong}, glslog.Attr(requestID), glslog.AttrFunc("who", who, show))).WithGroup("g")
	var wg spawn.WaitGroup
	for g := 0; g < 8; g++ {
		g := g
		wg.Go(func() {
			for i := 0; i < 400; i++ {
				id := fmt.Sprint(g%2, "-", i%300) // pairs of goroutines share sets of strings
				requestID.With(id, func() {
					l.Info(fmt.Sprintf("[request_id=%s]", id))
					who.With(&secret{id}, func() {
						for line := 0; line < 3; line++ {
							l.Info(fmt.Sprintf("[request_id=%s who={%s}]", id, id))
						}
					})
				})
				if i%100 == 0 {
					runtime.GC()
				}
			}
		})
	}
	wg.Wait()
	require.Zero(t, wrong.Load())
}

func TestContextAttr(t *testing.T) {
	type key struct{}
	var out bytes.Buffer
	fromContext := glslog.ContextAttr("from", func(ctx context.Context) (slog.Value, bool) {
		x, ok := ctx.Value(key{}).(string)
		return slog.StringValue(x), ok
	})
	l := slog.New(glslog.NewHandler(plainJSON(&out), fromContext))
	for _, l := range []*slog.Logger{l, l.WithGroup("g").With("a", 1)} {
		for _, x := range []string{"one", "two"} {
			out.Reset()
			l.InfoContext(context.WithValue(context.Background(), key{}, x), "m")
			require.Contains(t, out.String(), `"from":"`+x+`"`)
			l.InfoContext(context.Background(), "m")
			require.Equal(t, 1, strings.Count(out.String(), "from"))
		}
	}
	defer func() { require.ErrorIs(t, recover().(error), gls.ErrNilFunc) }()
	glslog.ContextAttr("x", nil)
}

func TestNilOptionsAreIgnored(t *testing.T) {
	glslog.NewHandler(slog.NewJSONHandler(io.Discard, nil), nil, glslog.Attr(requestID), nil)
	glslog.NewWriter(io.Discard, nil)
}

// A value whose method panics does not lose the line.
func TestPanickingValues(t *testing.T) {
	v := gls.New[any]("v")
	for name, newHandler := range handlers {
		for _, x := range []any{panicking{}, panickingText{}, panickingString{}, (*nilSafe)(nil), []any{panicking{}}, func() {}, counting{nil}} {
			t.Run(fmt.Sprintf("%s/%T", name, x), func(t *testing.T) {
				defer v.Set(x).Reset()
				var out bytes.Buffer
				l := slog.New(glslog.NewHandler(newHandler(&out, nil), glslog.Attr(v)))
				l.Info("top")
				l.WithGroup("g").Info("inside", "a", 1)
				require.Contains(t, out.String(), "top")
				require.Contains(t, out.String(), "inside")
			})
		}
	}
}
