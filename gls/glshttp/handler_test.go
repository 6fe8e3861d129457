package glshttp_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/gls/glshttp"
	"github.com/seed18162548/contextvars/internal/registry/registrytest"
)

// careless sets and never resets, and tells what it found.
var careless = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, user.GetOr("nobody"))
	if name := r.FormValue("user"); name != "" {
		user.Set(name)
	}
})

func TestBarrierBetweenRequestsOfOneConnection(t *testing.T) {
	for _, tt := range []struct {
		name    string
		handler http.Handler
		second  string // what the second request sees
	}{
		{"control: net/http alone leaks", careless, "ann"},
		{"Handler", glshttp.Handler(careless), "nobody"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, tt.handler)
			answer := talk(t, s, "GET /?user=ann HTTP/1.1\r\nHost: x\r\n\r\n"+
				"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
			in := bufio.NewReader(strings.NewReader(answer))
			for _, want := range []string{"nobody", tt.second} {
				resp, err := http.ReadResponse(in, nil)
				require.NoError(t, err)
				body, err := io.ReadAll(resp.Body)
				require.NoError(t, err)
				require.Equal(t, want, string(body))
			}
		})
	}
}

func TestBarrierHidesWhatIsBoundAround(t *testing.T) {
	defer user.Set("outside").Reset()
	h := glshttp.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		require.Zero(t, gls.CopyContext().Len())
		user.Set("inside")
	}))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	require.Equal(t, "outside", user.Get())
}

// However a handler ends, what it leaves bound is dropped, counted and told.
func TestBarrierCountsLeaks(t *testing.T) {
	for _, tt := range []struct {
		name string
		end  func(w http.ResponseWriter)
	}{
		{"return", func(http.ResponseWriter) {}},
		{"panic", func(http.ResponseWriter) { panic("boom") }},
		{"abort", func(http.ResponseWriter) { panic(http.ErrAbortHandler) }},
		{"Goexit", func(http.ResponseWriter) { runtime.Goexit() }},
		{"hijack", func(w http.ResponseWriter) {
			conn, _, err := w.(http.Hijacker).Hijack()
			if err == nil {
				conn.Close()
			}
		}},
		{"inside another Context", func(http.ResponseWriter) { gls.NewContext().Enter() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before, holders := glshttp.ReadStats(), registrytest.Now()
			told := make(chan string, 1)
			s := serve(t, glshttp.Handler(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				defer tenant.Set("reset").Reset()
				user.Set("left")
				func() { tt.end(w) }()
			}), glshttp.OnLeak(func(r *http.Request, leaked []gls.AnyVar) {
				told <- fmt.Sprint(r.URL.Path, leaked, gls.CopyContext().Len())
			})))
			if resp, err := s.Client().Get(s.URL + "/path"); err == nil {
				resp.Body.Close()
			}
			want := fmt.Sprint("/path", []gls.AnyVar{user}, 0)
			if tt.name == "inside another Context" {
				// There tenant's deferred reset panics, and it is left too.
				want = fmt.Sprint("/path", []gls.AnyVar{user, tenant}, 0)
			}
			require.Equal(t, want, <-told)
			after := glshttp.ReadStats()
			require.Equal(t, before.Requests+1, after.Requests)
			require.Equal(t, before.Leaky+1, after.Leaky)
			require.Equal(t, leaks(before, user)+1, leaks(after, user))
			s.Close()
			require.Eventually(t, func() bool { return len(holders.New()) == 0 }, 5*time.Second, time.Millisecond, "nothing stays behind")
		})
	}
}

func leaks(s glshttp.Stats, v gls.AnyVar) uint64 {
	for _, l := range s.Leaks {
		if l.Var == v {
			return l.Count
		}
	}
	return 0
}

func TestBarrierCountsNoLeaksWhereThereAreNone(t *testing.T) {
	before := glshttp.ReadStats()
	h := glshttp.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		defer user.Set("x").Reset()
	}), glshttp.BindContext(), glshttp.OnLeak(func(_ *http.Request, leaked []gls.AnyVar) { t.Errorf("leaked %v", leaked) }))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	after := glshttp.ReadStats()
	require.Equal(t, before.Requests+1, after.Requests)
	require.Equal(t, before.Leaky, after.Leaky)
}

func TestBarrierPassesPanicsThrough(t *testing.T) {
	boom := new(int)
	h := glshttp.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(boom) }))
	require.PanicsWithValue(t, boom, func() { h.ServeHTTP(nil, httptest.NewRequest("GET", "/", nil)) })
}

func TestOptionsPanicOnNilFunctions(t *testing.T) {
	for name, f := range map[string]func(){
		"OnLeak":     func() { glshttp.OnLeak(nil) },
		"IDValid":    func() { glshttp.IDValid(nil) },
		"IDGenerate": func() { glshttp.IDGenerate(nil) },
		"Trust":      func() { glshttp.Trust(nil) },
		"AllowFunc":  func() { glshttp.AllowFunc(nil) },
		"Bind":       func() { glshttp.Bind[string](user, nil) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				err, _ := recover().(error)
				require.ErrorIs(t, err, gls.ErrNilFunc)
				require.Regexp(t, "^gls: function is nil: glshttp."+name+" called by goroutine ", err.Error())
			}()
			f()
		})
	}
}

func TestNilHandlersPanicAtOnce(t *testing.T) {
	misuse := func(f func()) string {
		var err error
		func() {
			defer func() { err, _ = recover().(error) }()
			f()
		}()
		require.ErrorIs(t, err, glsadapter.ErrNil)
		return err.Error()
	}
	for name, f := range map[string]func(){
		"Handler":        func() { glshttp.Handler(nil) },
		"RequestID":      func() { glshttp.RequestID()(nil) },
		"Extract":        func() { glshttp.Extract()(nil) },
		"TimeoutHandler": func() { glshttp.TimeoutHandler(nil, time.Second, "") },
		"Bind":           func() { glshttp.Bind(user, func(*http.Request) (string, bool) { return "", true })(nil) },
	} {
		require.Regexp(t, `^gls: argument is nil: http\.Handler of glshttp\.`+name+` called by goroutine \d+$`, misuse(f))
	}
	require.Contains(t, misuse(func() { glshttp.IDVar(nil) }), ": *gls.Var of glshttp.IDVar called by goroutine ")
	require.Contains(t, misuse(func() {
		glshttp.Bind(nil, func(*http.Request) (string, bool) { return "", true })
	}), ": *gls.Var of glshttp.Bind called by goroutine ")
}

func TestNilOptionsAreIgnored(t *testing.T) {
	next := http.HandlerFunc(func(http.ResponseWriter, *http.Request) {})
	h := glshttp.Handler(glshttp.RequestID(nil)(glshttp.Extract(nil)(next)), nil)
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	glshttp.Transport(nil, nil)
}

func TestBindContextIsCancelledWithTheClient(t *testing.T) {
	entered, done := make(chan struct{}), make(chan error, 1)
	s := serve(t, glshttp.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		ctx := glsctx.Current()
		close(entered)
		<-ctx.Done()
		done <- ctx.Err()
	}), glshttp.BindContext()))
	ctx, cancel := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, "GET", s.URL, nil)
	require.NoError(t, err)
	go func() { <-entered; cancel() }()
	_, err = s.Client().Do(req)
	require.ErrorIs(t, err, context.Canceled)
	require.ErrorIs(t, <-done, context.Canceled)
}

// chain is every middleware of this package that does not have to buffer.
func chain(h http.Handler) http.Handler {
	trust := glshttp.Trust(func(*http.Request) bool { return true })
	return glshttp.Handler(glshttp.RequestID()(glshttp.Extract(exported, trust)(h)), glshttp.BindContext())
}

func TestResponseWriterDoesWhatTheServersDoes(t *testing.T) {
	w := httptest.NewRecorder()
	same := http.HandlerFunc(func(got http.ResponseWriter, _ *http.Request) { require.Same(t, w, got) })
	glshttp.Handler(glshttp.Extract()(same)).ServeHTTP(w, httptest.NewRequest("GET", "/", nil))

	s := serve(t, chain(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if _, ok := w.(io.ReaderFrom); !ok {
			t.Error("no ReaderFrom")
		}
		c := http.NewResponseController(w)
		if err := c.SetWriteDeadline(time.Now().Add(time.Minute)); err != nil {
			t.Error(err)
		}
		if r.URL.Path != "/hijack" {
			_, _ = io.WriteString(w, "first")
			if err := c.Flush(); err != nil {
				t.Error(err)
			}
			<-r.Context().Done() // the client has seen the first part, else this never ends
			return
		}
		conn, _, err := c.Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		_, _ = io.WriteString(conn, "raw")
		conn.Close()
	})))
	resp, err := s.Client().Get(s.URL)
	require.NoError(t, err)
	first := make([]byte, 5)
	_, err = io.ReadFull(resp.Body, first)
	require.NoError(t, err)
	require.Equal(t, "first", string(first))
	resp.Body.Close()

	conn, err := net.Dial("tcp", s.Listener.Addr().String())
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET /hijack HTTP/1.1\r\nHost: x\r\n\r\n")
	require.NoError(t, err)
	raw, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Equal(t, "raw", string(raw))
}

func TestBarrierAllocations(t *testing.T) {
	h := glshttp.Handler(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r := httptest.NewRequest("GET", "/", nil)
	h.ServeHTTP(nil, r)
	require.LessOrEqual(t, testing.AllocsPerRun(100, func() { h.ServeHTTP(nil, r) }), 2.0)
}
