package glshttp_test

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/gls/glshttp"
)

var uuid7 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

// identify serves a request with these values of X-Request-ID and returns what
// was bound, answered, and found on the request by the handler.
func identify(t *testing.T, values []string, opts ...glshttp.IDOption) (bound, echoed, passed string) {
	t.Helper()
	r := httptest.NewRequest("GET", "/", nil)
	if values != nil {
		r.Header["X-Request-Id"] = values
	}
	original := r.Header
	w := httptest.NewRecorder()
	glshttp.RequestID(opts...)(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		bound = glshttp.ID.Get()
		passed = strings.Join(r.Header["X-Request-Id"], "|")
	})).ServeHTTP(w, r)
	if values != nil {
		require.Equal(t, values, original["X-Request-Id"], "a refused ID stays in the map, which others may be reading")
	}
	_, ok := glshttp.ID.Lookup()
	require.False(t, ok, "reset afterwards")
	return bound, w.Header().Get("X-Request-ID"), passed
}

func TestRequestIDAccepts(t *testing.T) {
	for _, id := range []string{
		"1", "0192f3a4-0000-7000-8000-0123456789ab", "01ARZ3NDEKTSV4RRFFQ69G5FAV", "Root=1-67891233:abcdef@x~y/z+w.v_u",
		strings.Repeat("x", glshttp.MaxID),
	} {
		refused := glshttp.ReadStats().RefusedIDs
		bound, echoed, passed := identify(t, []string{id})
		require.Equal(t, [3]string{id, id, id}, [3]string{bound, echoed, passed})
		require.Equal(t, refused, glshttp.ReadStats().RefusedIDs)
	}
}

var hostile = map[string][]string{
	"empty":       {""},
	"overlong":    {strings.Repeat("x", glshttp.MaxID+1)},
	"huge":        {strings.Repeat("x", 1<<20)},
	"CRLF":        {"a\r\nSet-Cookie: admin=1"},
	"line feed":   {"a\nb"},
	"NUL":         {"a\x00b"},
	"terminal":    {"\x1b[2J"},
	"DEL":         {"a\x7f"},
	"high bytes":  {"\xff\xfe"},
	"UTF-8":       {"é"},
	"space":       {"a b"},
	"tab":         {"a\tb"},
	"two":         {"a", "b"},
	"two of same": {"a", "a"},
}

func TestRequestIDRefuses(t *testing.T) {
	everything := glshttp.IDValid(func(string) bool { return true })
	for name, values := range hostile {
		for _, opts := range [][]glshttp.IDOption{nil, {everything}} {
			t.Run(name, func(t *testing.T) {
				refused := glshttp.ReadStats().RefusedIDs
				bound, echoed, passed := identify(t, values, opts...)
				require.Regexp(t, uuid7, bound)
				require.Equal(t, bound, echoed)
				require.Equal(t, bound, passed, "nobody behind repeats what was refused")
				require.Equal(t, refused+1, glshttp.ReadStats().RefusedIDs)
			})
		}
	}
	for _, id := range []string{"<script>", "a;b", "a,b", `a"b`, "a'b", "a`b", "a$b", "a|b", "a&b", "a%0a", `a\b`, "a{b", "a?b", "a#b"} {
		bound, _, _ := identify(t, []string{id})
		require.Regexp(t, uuid7, bound, "%q", id)
		bound, _, _ = identify(t, []string{id}, everything)
		require.Equal(t, id, bound, "the validator decides about visible ASCII")
	}
}

// What a real server lets through to handlers, which is less.
func TestRequestIDOverTheWire(t *testing.T) {
	s := serve(t, glshttp.Handler(glshttp.RequestID()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte("bound " + glshttp.ID.Get()))
	}))))
	ask := func(id string) string {
		return talk(t, s, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Request-ID: "+id+"\r\n\r\n")
	}
	require.Contains(t, ask("abc-1"), "X-Request-Id: abc-1\r\n")
	require.Contains(t, ask("abc-1"), "bound abc-1")
	for name, values := range hostile {
		answer := ask(strings.Join(values, "\r\nX-Request-ID: "))
		if strings.HasPrefix(answer, "HTTP/1.1 4") {
			continue // the server did not let it through: NUL, or not a header line at all
		}
		if name == "CRLF" {
			require.Contains(t, answer, "bound a", "on the wire, that was the end of the header")
			continue
		}
		require.Regexp(t, `X-Request-Id: [0-9a-f-]{36}\r\n`, answer, name)
	}
}

func TestRequestIDMakesOneWhereThereIsNone(t *testing.T) {
	refused := glshttp.ReadStats().RefusedIDs
	bound, echoed, passed := identify(t, nil)
	require.Regexp(t, uuid7, bound)
	require.Equal(t, bound, echoed)
	require.Equal(t, bound, passed, "for those behind")
	require.Equal(t, refused, glshttp.ReadStats().RefusedIDs)
}

func TestRequestIDOptions(t *testing.T) {
	nobody := glshttp.Trust(func(*http.Request) bool { return false })
	bound, _, _ := identify(t, []string{"abc"}, nobody)
	require.Regexp(t, uuid7, bound)

	bound, _, _ = identify(t, []string{"abc"}, glshttp.IDValid(func(id string) bool { return id == "xyz" }),
		glshttp.IDGenerate(func() string { return "made" }))
	require.Equal(t, "made", bound)

	mine := gls.New[string]("correlation_id")
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("X-Correlation-ID", "c-1")
	r.Header.Set("X-Request-ID", "r-1")
	w := httptest.NewRecorder()
	glshttp.RequestID(glshttp.IDHeader("x-correlation-id"), glshttp.IDVar(mine))(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		require.Equal(t, "c-1", mine.Get())
		require.Empty(t, glshttp.ID.Get())
	})).ServeHTTP(w, r)
	require.Equal(t, http.Header{"X-Correlation-Id": {"c-1"}}, w.Header())

	for _, name := range []string{"", "a b", "X-ID\r\n", "Host", "Content-Length"} {
		func() {
			defer func() {
				err, _ := recover().(error)
				require.ErrorIs(t, err, glsexport.ErrName, "%q", name)
			}()
			glshttp.IDHeader(name)
		}()
	}
}

func TestRequestIDIsResetAfterAPanic(t *testing.T) {
	h := glshttp.RequestID()(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic("boom") }))
	require.PanicsWithValue(t, "boom", func() { h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil)) })
	require.Zero(t, gls.CopyContext().Len())
}

func TestNewIDIsUniqueAndSorts(t *testing.T) {
	var last string
	for i := 0; i < 1000; i++ {
		id := glshttp.NewID()
		require.Regexp(t, uuid7, id)
		// Two of a quarter microsecond are in no order.
		if last != "" {
			require.LessOrEqual(t, last[:18], id[:18])
		}
		last = id
	}

	const workers, each = 8, 2000
	var (
		wg  sync.WaitGroup
		ids = make([][]string, workers)
	)
	for w := range ids {
		wg.Add(1)
		go func(w int) {
			defer wg.Done()
			for i := 0; i < each; i++ {
				ids[w] = append(ids[w], glshttp.NewID())
			}
		}(w)
	}
	wg.Wait()
	var all []string
	for _, list := range ids {
		all = append(all, list...)
	}
	sort.Strings(all)
	for i := 1; i < len(all); i++ {
		require.NotEqual(t, all[i-1], all[i])
	}
}
