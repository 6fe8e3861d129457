package glsexport_test

import (
	"math"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glsexport"
)

// A codecTest feeds one codec: what it must carry and what it must refuse.
type codecTest[T any] struct {
	codec  glsexport.Codec[T]
	values map[string]T // by the only text that stands for them
	refuse []string
}

func (c codecTest[T]) run(t *testing.T) {
	t.Helper()
	for text, want := range c.values {
		got, err := c.codec.Encode(want)
		require.NoError(t, err, "%q", text)
		require.Equal(t, text, got)
		x, err := c.codec.Decode(text)
		require.NoError(t, err, "%q", text)
		require.Equal(t, want, x)
	}
	for _, text := range c.refuse {
		_, err := c.codec.Decode(text)
		require.ErrorIs(t, err, glsexport.ErrValue, "%q", text)
		require.Contains(t, []string{"glsexport: value refused", "glsexport: value refused by netip.Addr"}, err.Error(),
			"an error must not quote a stranger")
	}
}

func TestCodecs(t *testing.T) {
	t.Run("String", codecTest[string]{glsexport.String(),
		map[string]string{"": "", "ann": "ann", "a b": "a b", "Amélie ☃ 火": "Amélie ☃ 火", "a,b;c=d%20": "a,b;c=d%20"},
		[]string{"a\r\nb", "\n", "a\x00", "\x1b[31m", "\x7f", "a\u0085", "a\u2028b", "a\u202eb", "a\u200bb", "\ufeffa", "\u00a0", "a\ufffd", "\xff", "a\tb"},
	}.run)
	t.Run("Int", codecTest[int]{glsexport.Int(),
		map[string]int{"0": 0, "-1": -1, "42": 42},
		[]string{"", "+1", "007", "-0", "1_000", "0x10", " 1", "1 ", "1.0", "1e3", "９", "9223372036854775808", strings.Repeat("9", 8000)},
	}.run)
	t.Run("Int64", codecTest[int64]{glsexport.Int64(),
		map[string]int64{"9223372036854775807": math.MaxInt64, "-9223372036854775808": math.MinInt64},
		[]string{"", "+1", "9223372036854775808"},
	}.run)
	t.Run("Uint64", codecTest[uint64]{glsexport.Uint64(),
		map[string]uint64{"0": 0, "18446744073709551615": math.MaxUint64},
		[]string{"", "-1", "+1", "01", "18446744073709551616"},
	}.run)
	t.Run("Float64", codecTest[float64]{glsexport.Float64(),
		map[string]float64{"0": 0, "-1.5": -1.5, "1e+100": 1e100, "0.1": 0.1},
		[]string{"", "NaN", "Inf", "+Inf", "-Inf", "1.50", "1e999", "0x1p-2", "1_0", ".5", "1e100"},
	}.run)
	t.Run("Bool", codecTest[bool]{glsexport.Bool(),
		map[string]bool{"true": true, "false": false},
		[]string{"", "1", "0", "t", "T", "TRUE", "True", " true", "yes"},
	}.run)
	t.Run("Duration", codecTest[time.Duration]{glsexport.Duration(),
		map[string]time.Duration{"0s": 0, "1.5s": 1500 * time.Millisecond, "-1h0m0s": -time.Hour, "1µs": time.Microsecond},
		[]string{"", "0", "1", "60s", "1h", "1us", "+1s", "9999999h"},
	}.run)
	t.Run("Time", codecTest[time.Time]{glsexport.Time(),
		map[string]time.Time{"2026-01-02T03:04:05Z": time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), "2026-01-02T03:04:05.000000007Z": time.Date(2026, 1, 2, 3, 4, 5, 7, time.UTC)},
		[]string{"", "2026-01-02", "2026-01-02T03:04:05+01:00", "2026-01-02T03:04:05.70Z", "2026-01-02T03:04:05,7Z", "2026-02-30T00:00:00Z"},
	}.run)
	t.Run("Text", codecTest[netip.Addr]{glsexport.Text[netip.Addr](),
		map[string]netip.Addr{"10.0.0.1": netip.MustParseAddr("10.0.0.1"), "2001:db8::1": netip.MustParseAddr("2001:db8::1")},
		[]string{"10.0.0", "localhost", "10.0.0.1\r\n"},
	}.run)
	t.Run("Where", codecTest[string]{
		glsexport.Where(glsexport.String(), func(s string) bool { return len(s) <= 3 }),
		map[string]string{"abc": "abc"},
		[]string{"abcd", "\n"},
	}.run)
}

func TestCodecsRefuseToEncode(t *testing.T) {
	_, err := glsexport.String().Encode("a\r\nX-Admin: true")
	require.ErrorIs(t, err, glsexport.ErrValue)
	_, err = glsexport.String().Encode("\xff")
	require.ErrorIs(t, err, glsexport.ErrValue)
	_, err = glsexport.Float64().Encode(math.NaN())
	require.ErrorIs(t, err, glsexport.ErrValue)
	_, err = glsexport.Time().Encode(time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC))
	require.ErrorIs(t, err, glsexport.ErrValue)
	_, err = glsexport.Where(glsexport.Int(), func(n int) bool { return n > 0 }).Encode(0)
	require.ErrorIs(t, err, glsexport.ErrValue)
}

func TestTimeIsSentInUTC(t *testing.T) {
	text, err := glsexport.Time().Encode(time.Date(2026, 1, 2, 3, 0, 0, 0, time.FixedZone("", 3600)))
	require.NoError(t, err)
	require.Equal(t, "2026-01-02T02:00:00Z", text)
}
