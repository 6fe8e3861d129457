package glsdebug_test

import (
	"errors"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsdebug"
)

type point struct{ X, Y int }

type account struct {
	Name string
	tags map[string]string
}

type named struct{ name string }

func (n *named) String() string { return "named " + n.name }

type explosive struct{}

func (explosive) String() string { panic("boom") }

func TestText(t *testing.T) {
	var missing *named
	for _, row := range []struct {
		name string
		x    any
		want string
		ok   bool
	}{
		{"nil", nil, "nil", true},
		{"string", "a", "a", true},
		{"number", 1.5, "1.5", true},
		{"duration", time.Second, "1s", true},
		{"array", [3]byte{1, 2, 3}, "[1 2 3]", true},
		{"struct of numbers", point{1, 2}, "{1 2}", true},
		{"address", netip.MustParseAddr("::1"), "::1", true},
		{"error", errors.New("no"), "no", true},
		{"pointer with a String method", &named{"a"}, "named a", true},
		{"nil pointer with a String method", missing, "<nil>", true},
		{"String method that panics", explosive{}, "%!v(PANIC=String method: boom)", true},
		{"pointer", &point{}, "*glsdebug_test.point", false},
		{"map", map[string]int{"a": 1}, "map[string]int", false},
		{"slice", []string{"a"}, "[]string", false},
		{"struct with a map", account{Name: "a"}, "glsdebug_test.account", false},
		{"function", func() {}, "func()", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, ok := glsdebug.Text(row.x)
			require.Equal(t, row.want, s)
			require.Equal(t, row.ok, ok)
		})
	}
}

// TestOthersValuesAreNotWalked shows a map and a pointer while their goroutine
// writes to them. The race detector, and the runtime's own check of maps, would
// report reading them.
func TestOthersValuesAreNotWalked(t *testing.T) {
	accounts := gls.New[*account]("account")
	maps := gls.New[map[int]int]("map")
	started, stop := make(chan struct{}), new(atomic.Bool)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		a, m := &account{}, map[int]int{}
		defer accounts.Set(a).Reset()
		defer maps.Set(m).Reset()
		close(started)
		for i := 0; !stop.Load(); i++ {
			a.Name += "x"
			m[i%100] = i
			if i%100 == 0 {
				a.Name, a.tags = "", nil
			}
		}
	}()
	<-started
	url := serve(t, glsdebug.Visible(accounts, maps))
	for i := 0; i < 20; i++ {
		for _, query := range []string{"?", "?value=nothing", "?format=json", "?format=text"} {
			get(t, url+query)
		}
	}
	body, _ := get(t, url)
	require.Contains(t, body, "*glsdebug_test.account")
	stop.Store(true)
	<-ended
}

func TestLegible(t *testing.T) {
	for in, want := range map[string]string{
		"":                      "",
		"plain – ünïcödé 漢":     "plain – ünïcödé 漢",
		"a\x1b[2Jb":             `"a\x1b[2Jb"`,
		"a\nb":                  `"a\nb"`,
		"a\xffb":                `"a\xffb"`,
		"user\u202egnp.exe":     `"user\u202egnp.exe"`,
		"zero\u200bwidth":       `"zero\u200bwidth"`,
		"<script>\"quotes\"'\\": "<script>\"quotes\"'\\",
	} {
		require.Equal(t, want, glsdebug.Legible(in))
	}
}

func TestClip(t *testing.T) {
	for _, s := range []string{"", "a", strings.Repeat("a", 9), strings.Repeat("ä", 9), strings.Repeat("漢", 5), strings.Repeat("\x80", 20)} {
		for max := 0; max < 12; max++ {
			head, more := glsdebug.Clip(s, max)
			require.LessOrEqual(t, len(head), max)
			require.Equal(t, len(s), len(head)+more)
			require.True(t, strings.HasPrefix(s, head))
			require.True(t, !utf8.ValidString(s) || utf8.ValidString(head), "no rune is cut")
		}
	}
}

func TestDuration(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second:                "<1 ms",
		999 * time.Microsecond:      "<1 ms",
		37 * time.Millisecond:       "37 ms",
		1240 * time.Millisecond:     "1.2 s",
		61 * time.Second:            "1 m 1 s",
		3*time.Hour + 5*time.Minute: "3 h 5 m",
		50 * time.Hour:              "2 d 2 h",
	} {
		require.Equal(t, want, glsdebug.Duration(d))
	}
}

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567"} {
		require.Equal(t, want, glsdebug.Count(n))
		require.Equal(t, want, glsdebug.Count(uint64(n)))
	}
}
