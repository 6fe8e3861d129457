package glsadapter_test

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"net"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glsadapter"
)

type point struct{ X, Y int }

type shape struct {
	Name   string
	Points []point
	Extra  map[string]any
	id     int
}

type closed struct{ tags []string }

type color int

type cyclic struct{ Self any }

func TestSnapshotsDoNotChange(t *testing.T) {
	m := map[string]any{"a": 1, "b": []any{"x", map[string]int{"c": 2}}, "n": nil}
	s := &shape{"s", []point{{1, 2}}, map[string]any{"k": []int{1}}, 7}
	for _, tt := range []struct {
		name   string
		x      any
		change func()
	}{
		{"map", m, func() { m["a"] = 2; m["b"].([]any)[1].(map[string]int)["c"] = 3 }},
		{"pointer to a struct", s, func() { s.Points[0].X = 9; s.Extra["k"].([]int)[0] = 9; s.id = 9 }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			want := fmt.Sprintf("%T %+v", tt.x, tt.x)
			asJSON, err := json.Marshal(tt.x)
			require.NoError(t, err)
			same, ok := glsadapter.Snapshot(tt.x)
			require.True(t, ok)
			tt.change()
			require.Equal(t, want, fmt.Sprintf("%T %+v", same, same))
			got, err := json.Marshal(same)
			require.NoError(t, err)
			require.Equal(t, string(asJSON), string(got))
			require.NotEqual(t, want, fmt.Sprintf("%T %+v", tt.x, tt.x), "else this test shows nothing")
		})
	}
}

func TestSnapshotKeepsWhatIsFixed(t *testing.T) {
	for _, x := range []any{
		nil, 1, "s", true, 1.5, point{1, 2}, [2]point{}, color(3), time.Now(), time.Second,
		slog.LevelWarn, []string(nil), map[string]int(nil), (*point)(nil), []*point{nil}, &[]int{1},
	} {
		same, ok := glsadapter.Snapshot(x)
		require.True(t, ok, "%T", x)
		require.Equal(t, x, same)
	}
}

func TestSnapshotRefuses(t *testing.T) {
	loop := cyclic{}
	list := []any{nil}
	list[0] = list
	loop.Self = list
	n := 1
	for name, x := range map[string]any{
		"methods":           net.IPv4(1, 2, 3, 4),
		"methods within":    []any{errors.New("x")},
		"methods in a map":  map[string]fmt.Stringer{"a": net.IP{}},
		"pointer methods":   []json.RawMessage{{}},
		"pointers within":   []*point{{}},
		"pointer to an int": &n,
		"unexported slices": closed{[]string{"a"}},
		"cycles":            loop,
	} {
		_, ok := glsadapter.Snapshot(x)
		require.False(t, ok, name)
	}
}

// panicking has methods that panic.
type panicking struct{ why any }

func (p panicking) MarshalJSON() ([]byte, error) { panic(p.why) }
func (p panicking) String() string               { panic(p.why) }

type panickingError struct{ text *string }

func (p *panickingError) Error() string { return *p.text }

type failing struct{}

func (failing) MarshalText() ([]byte, error) { return nil, errors.New("sorry") }

// failure returns the text of the error of encoding x, which releases word
// differently.
func failure(x any) string {
	_, err := json.Marshal([]any{x})
	return err.Error()
}

func TestGuard(t *testing.T) {
	for _, tt := range []struct {
		name       string
		x          any
		json, text string
	}{
		{"panic", panicking{"no"}, `"!PANIC: no"`, "%!v(PANIC=String method: no)"},
		{"panic within", []any{panicking{"no"}}, `"!PANIC: no"`, "[%!v(PANIC=String method: no)]"},
		{"error", errors.New("<oh>"), `"\u003coh\u003e"`, "<oh>"},
		{"error that panics", &panickingError{}, `"!PANIC: runtime error: invalid memory address or nil pointer dereference"`,
			"%!v(PANIC=Error method: runtime error: invalid memory address or nil pointer dereference)"},
		{"nil error", (*panickingError)(nil), `"\u003cnil\u003e"`, "<nil>"},
		{"failure", failing{}, `"!ERROR:` + failure(failing{}) + `"`, "{}"},
		{"no JSON", math.Inf(1), `"!ERROR:json: unsupported value: +Inf"`, "+Inf"},
		{"channel", map[string]any{"c": (chan int)(nil)}, `"!ERROR:json: unsupported type: chan int"`, "map[c:<nil>]"},
		{"fine", map[string]any{"a": 1}, `{"a":1}`, "map[a:1]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			guarded := glsadapter.Guard(tt.x)
			require.Equal(t, glsadapter.Guarded{Value: tt.x}, guarded)
			data, err := json.Marshal(guarded)
			require.NoError(t, err)
			require.Equal(t, tt.json, string(data))
			require.Equal(t, tt.text, fmt.Sprint(guarded))
			require.Equal(t, fmt.Sprintf("%+v", tt.x), fmt.Sprintf("%+v", guarded))
			text, err := guarded.(encoding.TextMarshaler).MarshalText()
			require.NoError(t, err)
			if _, ok := tt.x.(encoding.TextMarshaler); !ok {
				require.Equal(t, fmt.Sprintf("%+v", tt.x), string(text))
			}
		})
	}
}

func TestGuardLeavesSafeValuesAlone(t *testing.T) {
	for _, x := range []any{nil, 1, "a", true, []byte("b"), map[string]int{"a": 1}, &point{1, 2}, time.Now(), time.Second} {
		require.Equal(t, x, glsadapter.Guard(x))
	}
}

type panickingText struct{}

func (panickingText) MarshalText() ([]byte, error) { panic("no") }

func TestGuardedText(t *testing.T) {
	for want, x := range map[string]encoding.TextMarshaler{
		"1.2.3.4": net.IPv4(1, 2, 3, 4), "!ERROR:sorry": failing{}, "!PANIC: no": panickingText{},
	} {
		text, err := glsadapter.Guarded{Value: x}.MarshalText()
		require.NoError(t, err)
		require.Equal(t, want, string(text))
	}
}
