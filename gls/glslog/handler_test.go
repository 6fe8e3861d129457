package glslog_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"runtime"
	"strings"
	"testing"
	"testing/slogtest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glslog"
	"github.com/seed18162548/contextvars/spawn"
)

var (
	requestID = gls.New[string]("request_id")
	userID    = gls.New[int]("user_id")
	region    = gls.New("region", gls.Default("eu"))
)

// plainJSON returns a handler that writes JSON without times to w.
func plainJSON(w io.Writer) slog.Handler {
	return slog.NewJSONHandler(w, &slog.HandlerOptions{
		ReplaceAttr: func(groups []string, a slog.Attr) slog.Attr {
			if a.Key == slog.TimeKey && len(groups) == 0 {
				return slog.Attr{}
			}
			return a
		},
	})
}

// records returns the JSON objects in b, one per line.
func records(t require.TestingT, b []byte) (all []map[string]any) {
	for _, line := range bytes.Split(bytes.TrimSpace(b), []byte("\n")) {
		var m map[string]any
		require.NoError(t, json.Unmarshal(line, &m), "%s", line)
		all = append(all, m)
	}
	return all
}

func TestSlogtest(t *testing.T) {
	run := func(t *testing.T, opts ...glslog.Option) {
		var buf bytes.Buffer
		h := glslog.NewHandler(slog.NewJSONHandler(&buf, nil), opts...)
		require.NoError(t, slogtest.TestHandler(h, func() []map[string]any { return records(t, buf.Bytes()) }))
		_, bound := requestID.Lookup()
		require.Equal(t, bound, strings.Contains(buf.String(), "req-7"), "the variable must be there if it is bound")
	}
	opts := []glslog.Option{glslog.Attr(requestID), glslog.Attr(userID)}
	t.Run("unbound", func(t *testing.T) { run(t, opts...) })
	t.Run("bound", func(t *testing.T) {
		defer requestID.Set("req-7").Reset()
		run(t, opts...)
	})
	t.Run("bound, in a group", func(t *testing.T) {
		defer requestID.Set("req-7").Reset()
		run(t, append(opts, glslog.Group("request"))...)
	})
}

func TestPlaces(t *testing.T) {
	for _, test := range []struct {
		name string
		opts []glslog.Option
		log  func(*slog.Logger)
		want string
	}{
		{"top level", nil, func(l *slog.Logger) { l.Info("m", "a", 1) },
			`{"level":"INFO","msg":"m","a":1,"request_id":"req-7"}`},
		{"With", nil, func(l *slog.Logger) { l.With("w", 0).Info("m", "a", 1) },
			`{"level":"INFO","msg":"m","w":0,"a":1,"request_id":"req-7"}`},
		{"outside of groups", nil, func(l *slog.Logger) { l.WithGroup("g").Info("m", "a", 1) },
			`{"level":"INFO","msg":"m","request_id":"req-7","g":{"a":1}}`},
		{"With around groups", nil, func(l *slog.Logger) {
			l.With("v", 0).WithGroup("g").With("w", 1).WithGroup("h").With("x", 2).Info("m", "a", 3)
		}, `{"level":"INFO","msg":"m","v":0,"request_id":"req-7","g":{"w":1,"h":{"x":2,"a":3}}}`},
		{"empty group", nil, func(l *slog.Logger) { l.WithGroup("g").Info("m") },
			`{"level":"INFO","msg":"m","request_id":"req-7"}`},
		{"group without a name", nil, func(l *slog.Logger) { l.WithGroup("").Info("m", "a", 1) },
			`{"level":"INFO","msg":"m","a":1,"request_id":"req-7"}`},
		{"own group", []glslog.Option{glslog.Group("ctx")}, func(l *slog.Logger) { l.Info("m", "a", 1) },
			`{"level":"INFO","msg":"m","a":1,"ctx":{"request_id":"req-7"}}`},
		{"own group beside another", []glslog.Option{glslog.Group("ctx")}, func(l *slog.Logger) { l.WithGroup("g").Info("m", "a", 1) },
			`{"level":"INFO","msg":"m","ctx":{"request_id":"req-7"},"g":{"a":1}}`},
		{"a default is not a binding", []glslog.Option{glslog.Attr(region)}, func(l *slog.Logger) { l.Info("m") },
			`{"level":"INFO","msg":"m","request_id":"req-7"}`},
		{"order of the options", []glslog.Option{glslog.AttrFunc("short", requestID, func(s string) slog.Value {
			return slog.StringValue(s[4:])
		})}, func(l *slog.Logger) { l.Info("m") },
			`{"level":"INFO","msg":"m","request_id":"req-7","short":"7"}`},
	} {
		t.Run(test.name, func(t *testing.T) {
			defer requestID.Set("req-7").Reset()
			var buf bytes.Buffer
			opts := append([]glslog.Option{glslog.Attr(requestID)}, test.opts...)
			test.log(slog.New(glslog.NewHandler(plainJSON(&buf), opts...)))
			require.Equal(t, test.want+"\n", buf.String())
		})
	}
}

func TestBoundLater(t *testing.T) {
	var buf bytes.Buffer
	logger := slog.New(glslog.NewHandler(plainJSON(&buf), glslog.Attr(requestID), glslog.Attr(userID))).WithGroup("g")
	logger.Info("before", "a", 1)
	userID.With(0, func() { logger.Info("within", "a", 1) })
	logger.Info("after", "a", 1)
	require.Equal(t, `{"level":"INFO","msg":"before","g":{"a":1}}
{"level":"INFO","msg":"within","user_id":0,"g":{"a":1}}
{"level":"INFO","msg":"after","g":{"a":1}}
`, buf.String(), "a zero that was set is bound")
}

// queue is an asynchronous handler: another goroutine writes the records.
type queue struct {
	slog.Handler
	writes chan func()
}

func (q queue) Handle(ctx context.Context, r slog.Record) error {
	q.writes <- func() { _ = q.Handler.Handle(ctx, r) }
	return nil
}

// nosy is a value that reads a variable when it is logged.
type nosy struct{}

func (nosy) LogValue() slog.Value { return slog.StringValue("seen by " + requestID.GetOr("nobody")) }

func TestAsynchronousHandlerBehind(t *testing.T) {
	lazy := gls.New[nosy]("lazy")
	var buf bytes.Buffer
	writes := make(chan func(), 2)
	logger := slog.New(glslog.NewHandler(queue{plainJSON(&buf), writes}, glslog.Attr(requestID), glslog.Attr(lazy)))

	var wg spawn.WaitGroup
	for _, id := range []string{"a", "b"} {
		id := id
		wg.Go(func() {
			requestID.Set(id)
			lazy.Set(nosy{})
			logger.Info(id)
		})
	}
	wg.Wait()
	requestID.With("writer's", func() { (<-writes)(); (<-writes)() })

	for _, r := range records(t, buf.Bytes()) {
		require.Equal(t, r["msg"], r["request_id"])
		require.Equal(t, "seen by "+r["msg"].(string), r["lazy"])
	}
}

// fan hands every record to all of its handlers, without cloning it.
type fan []slog.Handler

func (f fan) Enabled(context.Context, slog.Level) bool { return true }
func (f fan) WithAttrs([]slog.Attr) slog.Handler       { return f }
func (f fan) WithGroup(string) slog.Handler            { return f }
func (f fan) Handle(ctx context.Context, r slog.Record) error {
	for _, h := range f {
		if err := h.Handle(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

func TestRecordsAreNotShared(t *testing.T) {
	defer requestID.Set("req-7").Reset()
	defer userID.Set(7).Reset()
	for n := 0; n < 12; n++ { // some fit into a record, others do not
		var a, b bytes.Buffer
		r := slog.NewRecord(time.Time{}, slog.LevelInfo, "m", 0)
		own := `{"level":"INFO","msg":"m",`
		for i := 0; i < n; i++ {
			r.AddAttrs(slog.Int(string(rune('a'+i)), i))
			own += fmt.Sprintf(`"%c":%d,`, 'a'+i, i)
		}
		h := fan{glslog.NewHandler(plainJSON(&a), glslog.Attr(requestID)), glslog.NewHandler(plainJSON(&b), glslog.Attr(userID))}
		require.NoError(t, h.Handle(context.Background(), r))
		require.Equal(t, own+`"request_id":"req-7"}`+"\n", a.String())
		require.Equal(t, own+`"user_id":7}`+"\n", b.String())
		require.Equal(t, n, r.NumAttrs())
	}
}

func TestArgumentsOfWithMayBeReused(t *testing.T) {
	defer requestID.Set("req-7").Reset()
	var buf bytes.Buffer
	attrs := []slog.Attr{slog.Int("a", 1)}
	h := glslog.NewHandler(plainJSON(&buf), glslog.Attr(requestID)).WithGroup("g").WithAttrs(attrs)
	attrs[0] = slog.Int("overwritten", 2)
	slog.New(h).Info("m")
	require.Equal(t, `{"level":"INFO","msg":"m","request_id":"req-7","g":{"a":1}}`+"\n", buf.String())
}

func TestSiblingsDoNotShareWhatFollowsAGroup(t *testing.T) {
	defer requestID.Set("req-7").Reset()
	var buf bytes.Buffer
	base := slog.New(glslog.NewHandler(plainJSON(&buf), glslog.Attr(requestID))).WithGroup("g").With("a", 1).With("b", 2)
	one, two := base.With("one", 1), base.With("two", 2)
	one.Info("m")
	two.Info("m")
	require.Equal(t, `{"level":"INFO","msg":"m","request_id":"req-7","g":{"a":1,"b":2,"one":1}}
{"level":"INFO","msg":"m","request_id":"req-7","g":{"a":1,"b":2,"two":2}}
`, buf.String())
}

func TestDisabledLevelReadsNothing(t *testing.T) {
	defer requestID.Set("req-7").Reset()
	h := glslog.NewHandler(slog.NewJSONHandler(io.Discard, nil), glslog.AttrFunc("id", requestID, func(string) slog.Value {
		t.Error("value of a record that is not handled")
		return slog.Value{}
	}))
	require.False(t, h.Enabled(context.Background(), slog.LevelDebug))
	slog.New(h).Debug("m")
}

func TestNil(t *testing.T) {
	for what, f := range map[string]func(){
		"slog.Handler of glslog.NewHandler": func() { glslog.NewHandler(nil) },
		"io.Writer of glslog.NewWriter":     func() { glslog.NewWriter(nil) },
	} {
		func() {
			defer func() {
				err, _ := recover().(error)
				require.ErrorIs(t, err, glsadapter.ErrNil)
				require.Contains(t, err.Error(), "gls: argument is nil: "+what+" called by goroutine ")
			}()
			f()
		}()
	}
	defer func() { require.ErrorIs(t, recover().(error), gls.ErrNilFunc) }()
	glslog.AttrFunc("id", requestID, nil)
}

func TestEveryGoroutineLogsItsOwn(t *testing.T) {
	var buf bytes.Buffer
	logger := slog.New(glslog.NewHandler(plainJSON(&buf), glslog.Attr(userID)))
	grouped := logger.WithGroup("g").With("a", 1)
	var wg spawn.WaitGroup
	for n := 1; n <= 32; n++ {
		n := n
		wg.Go(func() {
			userID.Set(n)
			for i := 0; i < 20; i++ {
				logger.Info("m", "want", n)
				runtime.Gosched()
				grouped.Info("m", "want", n)
			}
		})
	}
	wg.Wait()

	all := records(t, buf.Bytes())
	require.Len(t, all, 32*20*2)
	for _, r := range all {
		want := r["want"]
		if g, ok := r["g"].(map[string]any); ok {
			want = g["want"]
		}
		require.Equal(t, want, r["user_id"])
	}
}
