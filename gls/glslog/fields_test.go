package glslog_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glslog"
	"github.com/seed18162548/contextvars/gls/glstest"
	"github.com/seed18162548/contextvars/spawn"
)

func fields() string { return fmt.Sprint(glslog.Fields()) }

func TestFieldsAreOnEveryLaterLine(t *testing.T) {
	glstest.CheckLeaks(t)
	var out bytes.Buffer
	logger := slog.New(glslog.NewHandler(plainJSON(&out), glslog.Attr(requestID)))
	lines := func(f func()) string { out.Reset(); f(); return out.String() }

	func() {
		defer glslog.Set("order_id", 7).Reset()
		defer requestID.Set("r1").Reset()
		require.Equal(t, `{"level":"INFO","msg":"m","a":1,"request_id":"r1","order_id":7}
{"level":"INFO","msg":"m","request_id":"r1","order_id":7,"g":{"a":1}}
`, lines(func() { logger.Info("m", "a", 1); logger.WithGroup("g").Info("m", "a", 1) }))

		inner := glslog.Set("order_id", 8)
		defer glslog.Set("step", "pay").Reset()
		require.Equal(t, "[order_id=8 step=pay]", fields(), "the last value of a key wins, in the place of the first")
		spawned := spawn.Start(func() (string, error) {
			defer glslog.Set("step", "ship").Reset()
			return fields(), nil
		})
		got, err := spawned.Wait()
		require.NoError(t, err)
		require.Equal(t, "[order_id=8 step=ship]", got)
		require.Equal(t, "[order_id=8 step=pay]", fields())
		inner.Reset()
		require.Equal(t, "[order_id=7 step=pay]", fields())
		gls.Isolate(func() { require.Empty(t, glslog.Fields()) })
	}()
	require.Equal(t, `{"level":"INFO","msg":"m"}`+"\n", lines(func() { logger.Info("m") }))

	var text bytes.Buffer
	printer := log.New(glslog.NewWriter(&text), "", 0)
	defer glslog.Set("order id", "a b").Reset()
	printer.Print("hello")
	require.Equal(t, `hello "order id"="a b"`+"\n", text.String())
}

func TestFieldsAreShownOnce(t *testing.T) {
	defer glslog.Set("order_id", 7).Reset()
	var out bytes.Buffer
	ours := func(h slog.Handler) slog.Handler { return glslog.NewHandler(h, glslog.Attr(requestID)) }
	for _, h := range []slog.Handler{
		ours(plainJSON(&out)), ours(ours(plainJSON(&out))), ours(embedding{ours(plainJSON(&out))}),
		ours(fanOut{ours(plainJSON(&out))}), ours(ours(plainJSON(&out))).WithGroup("g"),
	} {
		out.Reset()
		slog.New(h).Info("m", "a", 1)
		require.Equal(t, 1, strings.Count(out.String(), "order_id"), out.String())
	}
}

func TestFieldTokens(t *testing.T) {
	glstest.CheckLeaks(t)
	a := glslog.Set("a", 1)
	require.ErrorIs(t, glslog.Token{}.TryReset(), gls.ErrTokenZero)
	spawned := spawn.Start(func() (int, error) { return 0, a.TryReset() })
	_, err := spawned.Wait()
	require.ErrorIs(t, err, gls.ErrTokenContext)
	require.Equal(t, "[a=1]", fields())
	a.Reset()
	require.ErrorIs(t, a.TryReset(), gls.ErrTokenUsed)
	require.Panics(t, a.Reset)
	require.Empty(t, glslog.Fields())
}

// TestFieldsLikeAMap sets and resets at random, in any order, and compares with
// a map, where a reset restores what its set found.
func TestFieldsLikeAMap(t *testing.T) {
	glstest.CheckLeaks(t)
	type undo struct {
		token glslog.Token
		key   string
		old   any
		found bool
	}
	rapid.Check(t, func(t *rapid.T) {
		model := make(map[string]any)
		var undos []undo
		check := func() {
			got := make(map[string]any)
			for _, a := range glslog.Fields() {
				require.NotContains(t, got, a.Key)
				got[a.Key] = int(a.Value.Int64())
			}
			require.Equal(t, model, got)
		}
		for n := rapid.IntRange(1, 20).Draw(t, "steps"); n > 0; n-- {
			if len(undos) == 0 || rapid.Bool().Draw(t, "set") {
				key := rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "key")
				old, found := model[key]
				undos = append(undos, undo{glslog.Set(key, n), key, old, found})
				model[key] = n
			} else {
				i := rapid.IntRange(0, len(undos)-1).Draw(t, "which")
				u := undos[i]
				undos = append(undos[:i], undos[i+1:]...)
				u.token.Reset()
				delete(model, u.key)
				if u.found {
					model[u.key] = u.old
				}
			}
			check()
		}
		for i := len(undos) - 1; i >= 0; i-- {
			undos[i].token.Reset()
		}
		gls.Release()
	})
}

func TestFieldsAreBounded(t *testing.T) {
	glstest.CheckLeaks(t)
	var tokens []glslog.Token
	for i := 0; i < glslog.MaxFields+3; i++ {
		tokens = append(tokens, glslog.Set(fmt.Sprint("k", i), i))
	}
	all := glslog.Fields()
	require.Len(t, all, glslog.MaxFields+1)
	require.Equal(t, slog.Int("!DROPPED", 3), all[glslog.MaxFields])
	again := glslog.Set("k0", "replaced")
	require.Equal(t, "replaced", glslog.Fields()[0].Value.String())
	require.Len(t, glslog.Fields(), glslog.MaxFields+1)
	again.Reset()
	for i := len(tokens) - 1; i >= 0; i-- {
		tokens[i].Reset()
		require.Len(t, glslog.Fields(), min(i, glslog.MaxFields+1))
	}

	long := strings.Repeat("é", 5000)
	defer glslog.Set(long, long).Reset()
	a := glslog.Fields()[0]
	require.LessOrEqual(t, len(a.Key), glslog.MaxKeySize)
	require.LessOrEqual(t, len(a.Value.String()), glslog.MaxValueSize)
	require.True(t, utf8.ValidString(a.Key+a.Value.String()))
	for _, x := range []any{errors.New(long), []byte(long), []string{long}, slog.GroupValue(slog.String("a", long)), map[string]string{"a": long}} {
		func() {
			defer glslog.Set("x", x).Reset()
			text := glslog.Fields()[1].Value.String()
			require.LessOrEqual(t, len(text), glslog.MaxValueSize)
			require.True(t, strings.HasSuffix(text, "…"))
		}()
	}
}

type panicking struct{}

func (panicking) MarshalJSON() ([]byte, error) { panic("no") }

type panickingText struct{}

func (panickingText) MarshalText() ([]byte, error) { panic("no") }

type panickingString struct{}

func (panickingString) String() string { panic("no") }

func TestFieldValues(t *testing.T) {
	m := map[string]any{"a": 1}
	for _, tt := range []struct {
		x          any
		json, text string
	}{
		{"s", `"s"`, "s"}, {-1, "-1", "-1"}, {uint8(1), "1", "1"}, {1.5, "1.5", "1.5"}, {true, "true", "true"},
		{nil, "null", "<nil>"}, {time.Second, "1000000000", "1s"}, {[]byte("b"), `"b"`, "b"},
		{errors.New("e"), `"e"`, "e"}, {netip.MustParseAddr("::1"), `"::1"`, "::1"}, {status(3), `"status 3"`, `"status 3"`},
		{m, `{"a":1}`, `"{\"a\":1}"`}, {account{Name: "n"}, `{"Name":"n","Tags":null,"Next":null}`, `"{\"Name\":\"n\",\"Tags\":null,\"Next\":null}"`},
		{counting{new(int)}, "1", "1"}, {slog.StringValue("v"), `"v"`, "v"}, {slog.GroupValue(slog.Int("a", 1)), `"[a=1]"`, `"[a=1]"`},
		{panicking{}, `"!PANIC: no"`, `"\"!PANIC: no\""`}, {panickingText{}, `"!PANIC: no"`, `"!PANIC: no"`},
		{panickingString{}, `"%!v(PANIC=String method: no)"`, `"%!v(PANIC=String method: no)"`},
		{(*nilSafe)(nil), `"<nil>"`, "<nil>"}, {make(chan int), `"!ERROR:json: unsupported type: chan int"`, `"\"!ERROR:json: unsupported type: chan int\""`},
	} {
		t.Run(fmt.Sprintf("%T", tt.x), func(t *testing.T) {
			defer glslog.Set("x", tt.x).Reset()
			m["a"] = 2
			defer func() { m["a"] = 1 }()
			var out bytes.Buffer
			slog.New(glslog.NewHandler(plainJSON(&out))).Info("m")
			require.Equal(t, `{"level":"INFO","msg":"m","x":`+tt.json+"}\n", out.String())
			out.Reset()
			slog.New(glslog.NewHandler(slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: dropTime}))).Info("m")
			require.Equal(t, `level=INFO msg=m x=`+tt.text+"\n", out.String())
		})
	}
}

func TestFieldsAreCopies(t *testing.T) {
	b := []byte("before")
	defer glslog.Set("x", b).Reset()
	copy(b, "after!")
	require.Equal(t, "[x=before]", fields())
	data, err := json.Marshal(glslog.Fields()[0].Value.Any())
	require.NoError(t, err)
	require.Equal(t, `"before"`, string(data))
}

func TestFieldsWithoutState(t *testing.T) {
	glstest.CheckLeaks(t)
	slog.New(glslog.NewHandler(slog.NewJSONHandler(io.Discard, nil))).Info("m")
	require.Empty(t, glslog.Fields())
}
