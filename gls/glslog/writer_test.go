package glslog_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glslog"
	"github.com/seed18162548/contextvars/spawn"
)

func TestWriter(t *testing.T) {
	var buf bytes.Buffer
	logger := log.New(glslog.NewWriter(&buf, glslog.Attr(requestID), glslog.Attr(userID)), "app: ", log.Lmsgprefix)
	logger.Print("nothing bound")
	requestID.With("req-7", func() {
		logger.Print("one")
		userID.With(0, func() { logger.Print("two\nlines\n") })
	})
	require.Equal(t, "app: nothing bound\napp: one request_id=req-7\napp: two\nlines request_id=req-7 user_id=0\n", buf.String())
}

func TestWriterForgesNothing(t *testing.T) {
	for _, test := range []struct{ name, value, want string }{
		{"plain", "a-b_c.d/e:f", `a-b_c.d/e:f`},
		{"letters", "åß漢", `åß漢`},
		{"empty", "", `""`},
		{"space", "a b", `"a b"`},
		{"another attribute", "a user_id=1", `"a user_id=1"`},
		{"equals", "a=b", `"a=b"`},
		{"quote", `a"b`, `"a\"b"`},
		{"newline", "a\n2009/11/10 forged", `"a\n2009/11/10 forged"`},
		{"carriage return", "a\rb", `"a\rb"`},
		{"NUL", "a\x00b", `"a\x00b"`},
		{"escape sequence", "\x1b[2J", `"\x1b[2J"`},
		{"line separator", "a\u2028b", `"a\u2028b"`},
		{"not UTF-8", "a\xffb", `"a\xffb"`},
		{"replacement character", "a\uFFFDb", "a\uFFFDb"},
		{"huge", strings.Repeat("x", 1<<20), strings.Repeat("x", 1<<20)},
	} {
		t.Run(test.name, func(t *testing.T) {
			defer requestID.Set(test.value).Reset()
			var buf bytes.Buffer
			log.New(glslog.NewWriter(&buf, glslog.Attr(requestID)), "", 0).Print("m")
			require.Equal(t, "m request_id="+test.want+"\n", buf.String())
		})
	}
}

func TestWriterGroups(t *testing.T) {
	addr := gls.New[slog.Value]("addr")
	defer requestID.Set("req-7").Reset()
	defer addr.Set(slog.GroupValue(slog.String("host", "h"), slog.Group("", slog.Int("port", 1)))).Reset()
	var buf bytes.Buffer
	log.New(glslog.NewWriter(&buf, glslog.Attr(requestID), glslog.Attr(addr), glslog.Group("ctx")), "", 0).Print("m")
	require.Equal(t, "m ctx.request_id=req-7 ctx.addr.host=h ctx.addr.port=1\n", buf.String())
}

// limited accepts at most n bytes a call.
type limited struct {
	n   int
	err error
}

func (l limited) Write(b []byte) (int, error) {
	if len(b) < l.n {
		return len(b), l.err
	}
	return l.n, l.err
}

func TestWriterCount(t *testing.T) {
	broken := errors.New("broken")
	for _, test := range []struct {
		name    string
		behind  limited
		wantN   int
		wantErr error
	}{
		{"all", limited{1000, nil}, 6, nil},
		{"error at once", limited{0, broken}, 0, broken},
		{"error within the line", limited{3, broken}, 3, broken},
		{"error within the variables", limited{10, broken}, 6, broken},
		{"short without an error", limited{3, nil}, 3, io.ErrShortWrite},
	} {
		t.Run(test.name, func(t *testing.T) {
			defer requestID.Set("req-7").Reset()
			n, err := fmt.Fprint(glslog.NewWriter(test.behind, glslog.Attr(requestID)), "hello\n")
			require.Equal(t, test.wantN, n)
			require.ErrorIs(t, err, test.wantErr)
		})
	}
}

func TestWriterWithoutNewline(t *testing.T) {
	defer requestID.Set("req-7").Reset()
	var buf bytes.Buffer
	w := glslog.NewWriter(&buf, glslog.Attr(requestID))
	for _, line := range []string{"x", "", "\n"} {
		n, err := io.WriteString(w, line)
		require.NoError(t, err)
		require.Equal(t, len(line), n)
	}
	require.Equal(t, "x request_id=req-7 request_id=req-7 request_id=req-7\n", buf.String())
}

// once fails the test if it is called more than once per line.
type once struct {
	t     *testing.T
	lines chan string
}

func (o once) Write(b []byte) (int, error) {
	if !strings.HasSuffix(string(b), "\n") || strings.Count(string(b), "\n") != 1 {
		o.t.Errorf("not one line: %q", b)
	}
	o.lines <- string(b)
	return len(b), nil
}

func TestWriterIsConcurrent(t *testing.T) {
	const goroutines, each = 16, 50
	o := once{t, make(chan string, goroutines*each)}
	w := glslog.NewWriter(o, glslog.Attr(userID))
	var wg spawn.WaitGroup
	for n := 0; n < goroutines; n++ {
		n := n
		wg.Go(func() {
			userID.Set(n)
			for i := 0; i < each; i++ {
				if _, err := fmt.Fprintf(w, "want=%d\n", n); err != nil { // no lock of a logger around it
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	close(o.lines)
	for line := range o.lines {
		var want, got int
		_, err := fmt.Sscanf(line, "want=%d user_id=%d\n", &want, &got)
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}
