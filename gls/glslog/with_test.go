package glslog_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/seed18162548/contextvars/gls/glslog"
	"github.com/seed18162548/contextvars/spawn"
)

// counting has methods whose result tells how often they were called.
type counting struct{ n *int }

func (c counting) next() int                    { *c.n++; return *c.n }
func (c counting) LogValue() slog.Value         { return slog.IntValue(c.next()) }
func (c counting) MarshalJSON() ([]byte, error) { return json.Marshal(c.next()) }

// marshaler is like counting, without LogValue.
type marshaler struct{ n *int }

func (m marshaler) MarshalJSON() ([]byte, error) { return json.Marshal(counting(m).next()) }
func (m marshaler) MarshalText() ([]byte, error) {
	return []byte(fmt.Sprint("n=", counting(m).next())), nil
}

type stringer struct{ n *int }

func (s stringer) String() string { return fmt.Sprint("call ", counting(s).next()) }

type account struct {
	Name string
	Tags []string
	Next *account
}

// nilValue is a nil pointer whose methods panic, for releases whose handlers
// recover that.
var nilValue any = "none"

var eva = &account{Name: "eva"} // text shows its address

type nilSafe struct{ text *string }

func (n *nilSafe) MarshalText() ([]byte, error) { return []byte(*n.text), nil }
func (n *nilSafe) Error() string                { return *n.text }

type named []byte

func (n named) String() string { return "named" }

type status int

func (s status) String() string { return "status " + fmt.Sprint(int(s)) }

// values returns values of many kinds, and a function that changes what can be
// changed.
func values() (map[string]func() any, func()) {
	var (
		n []*int
		m = map[string]any{"a": 1, "b": []int{1, 2}}
		s = []string{"x", "y"}
		p = &account{"ann", []string{"t"}, nil}
		q = &account{"bob", nil, eva}
		b = []byte("bytes")
	)
	counter := func() *int { n = append(n, new(int)); return n[len(n)-1] } // one a value: ReplaceAttr may drop some
	change := func() {
		m["a"], m["c"], m["b"].([]int)[0] = 2, 3, 9
		s[0], p.Name, p.Tags[0], q.Name, b[0] = "changed", "changed", "changed", "changed", 'B'
		for i := range n {
			*n[i] += 100
		}
	}
	return map[string]func() any{
		"string": func() any { return "s p a c e" }, "int": func() any { return -7 }, "nil": func() any { return nil },
		"float": func() any { return 1e21 }, "bool": func() any { return true }, "time": func() any { return time.Unix(1, 5).UTC() },
		"duration": func() any { return time.Minute }, "level": func() any { return slog.LevelWarn },
		"valuer": func() any { return counting{counter()} }, "marshaler": func() any { return marshaler{counter()} },
		"stringer": func() any { return stringer{counter()} }, "status": func() any { return status(3) },
		"map": func() any { return m }, "slice": func() any { return s }, "pointer": func() any { return p },
		"nested pointer": func() any { return *q }, "bytes": func() any { return b }, "named bytes": func() any { return named(b) },
		"raw": func() any { return json.RawMessage(`{"raw": 1}`) }, "ip": func() any { return net.IPv4(127, 0, 0, 1) },
		"error":     func() any { return fmt.Errorf("wrapped: %w", io.EOF) },
		"nil error": func() any { return nilValue },
		"unjson":    func() any { return func() {} },
		"quotes":    func() any { return account{Name: `"<&` + "\u2028\xff"} },
		"group": func() any {
			return slog.GroupValue(slog.Int("i", 1), slog.Any("v", counting{counter()}), slog.Any("m", m))
		},
		"none":       func() any { return slog.GroupValue() },
		"group of 0": func() any { return slog.GroupValue(slog.Group("e")) },
		"source":     func() any { return &slog.Source{Function: "f", File: "x.go", Line: 3} },
	}, change
}

// handlers makes the handlers whose format is known.
var handlers = map[string]func(io.Writer, *slog.HandlerOptions) slog.Handler{
	"json": func(w io.Writer, o *slog.HandlerOptions) slog.Handler { return slog.NewJSONHandler(w, o) },
	"text": func(w io.Writer, o *slog.HandlerOptions) slog.Handler { return slog.NewTextHandler(w, o) },
}

func dropTime(groups []string, a slog.Attr) slog.Attr {
	if len(groups) == 0 && a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}

// What With is given in a group is shown as without this package, once and for
// all, whether a variable is bound or not.
func TestWithInAGroupIsFinal(t *testing.T) {
	names, _ := values()
	for format, newHandler := range handlers {
		for name := range names {
			t.Run(format+"/"+name, func(t *testing.T) {
				logged := func(wrap func(slog.Handler) slog.Handler) (lines []string) {
					x, change := values()
					var out bytes.Buffer
					l := slog.New(wrap(newHandler(&out, &slog.HandlerOptions{ReplaceAttr: dropTime}))).WithGroup("g").With(name, x[name](), "", x[name]())
					change()
					l.Info("unbound")
					requestID.With("r1", func() { l.Info("bound"); l.With("more", 1).Info("bound", "a", 1) })
					l.WithGroup("h").Info("unbound", "a", 1)
					return strings.Split(strings.TrimSpace(out.String()), "\n")
				}
				want := logged(func(h slog.Handler) slog.Handler { return h })
				got := logged(func(h slog.Handler) slog.Handler { return glslog.NewHandler(h, glslog.Attr(requestID)) })
				for i := range got {
					without := strings.Replace(got[i], ` request_id=r1`, "", 1)
					without = strings.Replace(without, `,"request_id":"r1"`, "", 1)
					require.Equal(t, want[i], without)
					require.Equal(t, i == 1 || i == 2, without != got[i])
				}
			})
		}
	}
}

// TestLikeTheHandlerBehind derives loggers at random, with values that change,
// with and without a ReplaceAttr that modifies, moves and drops attributes.
func TestLikeTheHandlerBehind(t *testing.T) {
	names, _ := values()
	var kinds []string
	for name := range names {
		kinds = append(kinds, name)
	}
	replace := func(groups []string, a slog.Attr) slog.Attr {
		switch a = dropTime(groups, a); {
		case strings.HasSuffix(a.Key, "1"):
			return slog.Attr{}
		case strings.HasSuffix(a.Key, "2"):
			return slog.Group(a.Key, slog.Any("was", a.Value), slog.Int("depth", len(groups)))
		case strings.HasSuffix(a.Key, "3"):
			a.Key = ""
		}
		if err, ok := a.Value.Any().(error); ok {
			return slog.String(a.Key, fmt.Sprint("error ", errors.Is(err, io.EOF)))
		}
		return a
	}
	rapid.Check(t, func(t *rapid.T) {
		newHandler := handlers[rapid.SampledFrom([]string{"json", "text"}).Draw(t, "format")]
		opts := &slog.HandlerOptions{ReplaceAttr: dropTime}
		if rapid.Bool().Draw(t, "replace") {
			opts.ReplaceAttr = replace
		}
		type made struct {
			got, want, with *slog.Logger
			x, y, z         map[string]func() any
		}
		var got, want, with bytes.Buffer
		x, changeX := values()
		y, changeY := values()
		z, changeZ := values()
		m := made{
			slog.New(glslog.NewHandler(newHandler(&got, opts), glslog.Attr(requestID), glslog.Attr(userID))),
			slog.New(newHandler(&want, opts)),
			slog.New(newHandler(&with, opts)), x, y, z,
		}
		// The variables come after what With was given before the first group.
		grouped := false
		open := func() {
			if !grouped {
				m.with, grouped = m.with.With("request_id", "r", "user_id", 7), true
			}
		}
		steps := rapid.SliceOfN(rapid.SampledFrom([]string{"with", "with", "group", "group", "change", "log"}), 1, 14).Draw(t, "steps")
		for i, step := range append(steps, "group", "log") {
			key := fmt.Sprint("k", rapid.IntRange(0, 4).Draw(t, "key"))
			kind := rapid.SampledFrom(kinds).Draw(t, "kind")
			switch step {
			case "with":
				m.got, m.want, m.with = m.got.With(key, x[kind]()), m.want.With(key, y[kind]()), m.with.With(key, z[kind]())
			case "group":
				if key = rapid.SampledFrom([]string{"g", "h", ""}).Draw(t, "group"); key != "" {
					open()
				}
				m.got, m.want, m.with = m.got.WithGroup(key), m.want.WithGroup(key), m.with.WithGroup(key)
			case "change":
				changeX()
				changeY()
				changeZ()
			case "log":
				if !grouped {
					continue // the variables are at the end; see TestPlaces
				}
				m.got.Info("m", "n", i)
				m.want.Info("m", "n", i)
				requestID.With("r", func() { userID.With(7, func() { m.got.Info("m", "n", i) }) })
				m.with.Info("m", "n", i)
				require.Equal(t, want.String()+with.String(), got.String())
				got.Reset()
				want.Reset()
				with.Reset()
			}
		}
	})
}

func TestReplaceAttrRunsOnceForASet(t *testing.T) {
	calls := make(map[string]int)
	opts := &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr { calls[a.Key]++; return a }}
	l := slog.New(glslog.NewHandler(slog.NewJSONHandler(io.Discard, opts), glslog.Attr(requestID))).WithGroup("g").With("w", 1)
	require.Equal(t, 1, calls["w"])
	for _, id := range []string{"a", "b", "a", "b"} {
		requestID.With(id, func() {
			for i := 0; i < 20; i++ {
				l.Info("m")
			}
			spawned := spawn.Start(func() (int, error) { l.Info("m"); return 0, nil })
			_, err := spawned.Wait()
			require.NoError(t, err)
		})
	}
	require.Equal(t, 2, calls["request_id"], "two sets of bindings")
	require.Equal(t, 1+calls["request_id"], calls["w"])
}

// opaque is a handler of unknown make.
type opaque struct{ slog.Handler }

func (o opaque) WithAttrs(attrs []slog.Attr) slog.Handler { return opaque{o.Handler.WithAttrs(attrs)} }
func (o opaque) WithGroup(name string) slog.Handler       { return opaque{o.Handler.WithGroup(name)} }

func TestValuersAreResolvedOverAnyHandler(t *testing.T) {
	var out bytes.Buffer
	n := 0
	l := slog.New(glslog.NewHandler(opaque{plainJSON(&out)}, glslog.Attr(requestID))).WithGroup("g").With(slog.Group("s", "v", counting{&n}))
	requestID.With("r1", func() { l.Info("m"); l.Info("m") })
	l.Info("m")
	require.Equal(t, 3, strings.Count(out.String(), `"g":{"s":{"v":1}}`), out.String())
	require.Equal(t, 1, n)
}

func TestFormatsAreKnownThroughOwnHandlers(t *testing.T) {
	var out bytes.Buffer
	m := map[string]int{"a": 1}
	inner := glslog.NewHandler(plainJSON(&out), glslog.Attr(requestID))
	l := slog.New(glslog.NewHandler(inner, glslog.Attr(userID))).WithGroup("g").With("m", m, "n", marshaler{new(int)})
	m["a"] = 2
	for i := 0; i < 2; i++ {
		requestID.With("r1", func() { userID.With(i, func() { l.Info("m") }) })
	}
	require.Equal(t, `{"level":"INFO","msg":"m","user_id":0,"request_id":"r1","g":{"m":{"a":1},"n":1}}
{"level":"INFO","msg":"m","user_id":1,"request_id":"r1","g":{"m":{"a":1},"n":1}}
`, out.String())
}

// A map that With was given may be used again at once.
func TestArgumentsOfWithMayChangeConcurrently(t *testing.T) {
	m := make(map[string]int)
	for i := 0; i < 100; i++ {
		m[fmt.Sprint(i)] = i
	}
	l := slog.New(glslog.NewHandler(slog.NewJSONHandler(io.Discard, nil), glslog.Attr(requestID))).WithGroup("g").With("m", m)
	var wg spawn.WaitGroup
	for g := 0; g < 2; g++ {
		wg.Go(func() {
			for i := 0; i < 500; i++ {
				requestID.With(fmt.Sprint(i), func() { l.Info("m") })
			}
		})
	}
	for i := 0; i < 100_000; i++ {
		m[fmt.Sprint(i%200)] = i
	}
	wg.Wait()
}

func TestUnwrap(t *testing.T) {
	next := slog.NewJSONHandler(io.Discard, nil)
	h := glslog.NewHandler(next)
	require.Same(t, next, h.Unwrap())
	var wrapper interface{ Unwrap() slog.Handler } = h.WithGroup("g").WithAttrs([]slog.Attr{slog.Int("a", 1)}).(*glslog.Handler)
	require.Equal(t, next.WithGroup("g").WithAttrs([]slog.Attr{slog.Int("a", 1)}), wrapper.Unwrap())
}
