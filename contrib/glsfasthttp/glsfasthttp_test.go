package glsfasthttp_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"github.com/valyala/fasthttp"

	"github.com/seed18162548/contextvars/contrib/glsfasthttp"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/gls/glshttp"
	"github.com/seed18162548/contextvars/gls/glstest"
	"github.com/seed18162548/contextvars/spawn"
)

var user = gls.New[string]("user")

// serve starts a server and returns its address.
func serve(t *testing.T, h fasthttp.RequestHandler) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	server := &fasthttp.Server{Handler: h, Concurrency: 4}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	t.Cleanup(func() {
		require.NoError(t, server.Shutdown())
		require.NoError(t, <-ended)
	})
	return listener.Addr().String()
}

// A client is one connection.
type client struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
}

func dial(t *testing.T, address string) *client {
	t.Helper()
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return &client{t, conn, bufio.NewReader(conn)}
}

// get asks for / and returns the body and the header of the answer.
func (c *client) get(header ...string) (string, http.Header) {
	c.t.Helper()
	_, err := fmt.Fprintf(c.conn, "GET / HTTP/1.1\r\nHost: x\r\n%s\r\n", strings.Join(append(header, ""), "\r\n"))
	require.NoError(c.t, err)
	answer, err := http.ReadResponse(c.in, nil)
	require.NoError(c.t, err)
	body, err := io.ReadAll(answer.Body)
	require.NoError(c.t, err)
	return string(body), answer.Header
}

// forgetful binds the user of the first request and never resets it.
func forgetful(ctx *fasthttp.RequestCtx) {
	if who := ctx.Request.Header.Peek("X-User"); len(who) > 0 {
		user.Set(string(who))
	}
	fmt.Fprintf(ctx, "%q", user.Get())
}

func TestAForgottenSetReachesNobody(t *testing.T) {
	// Without Handler it does, or this test would show nothing.
	open := dial(t, serve(t, forgetful))
	body, _ := open.get("X-User: ann")
	require.Equal(t, `"ann"`, body)
	body, _ = open.get()
	require.Equal(t, `"ann"`, body)

	before := glsfasthttp.ReadStats()
	var leaked [][]gls.AnyVar
	address := serve(t, glsfasthttp.Handler(forgetful, nil, glsfasthttp.OnLeak(func(_ *fasthttp.RequestCtx, vars []gls.AnyVar) { leaked = append(leaked, vars) })))
	first := dial(t, address)
	body, _ = first.get("X-User: ann")
	require.Equal(t, `"ann"`, body)
	body, _ = first.get()
	require.Equal(t, `""`, body)
	for i := 0; i < 20; i++ { // other clients, by and by on the goroutines of earlier ones
		c := dial(t, address)
		body, _ = c.get()
		require.Equal(t, `""`, body)
		body, _ = c.get("X-User: bob")
		require.Equal(t, `"bob"`, body)
		require.NoError(t, c.conn.Close())
	}
	after := glsfasthttp.ReadStats()
	require.EqualValues(t, 42, after.Requests-before.Requests)
	require.EqualValues(t, 21, after.Leaky-before.Leaky)
	require.Equal(t, gls.AnyVar(user), after.Leaks[0].Var)
	require.Len(t, leaked, 21)
	require.Equal(t, []gls.AnyVar{user}, leaked[0])
}

func TestPanicsPass(t *testing.T) {
	h := glsfasthttp.Handler(func(*fasthttp.RequestCtx) { user.Set("ann"); panic("oh") })
	require.PanicsWithValue(t, "oh", func() { h(new(fasthttp.RequestCtx)) })
	require.Equal(t, "", user.Get())
}

var payload = gls.New[[]byte]("payload")

// What Bind has bound stays what it is, also in a goroutine that outlives the
// request.
func TestBindCopies(t *testing.T) {
	glstest.CheckLeaks(t)
	seen := make(chan string, 2)
	more := make(chan struct{})
	address := serve(t, glsfasthttp.Handler(glsfasthttp.Bind(payload, func(ctx *fasthttp.RequestCtx) ([]byte, bool) {
		who := ctx.Request.Header.Peek("X-User")
		return who, len(who) > 0
	})(func(ctx *fasthttp.RequestCtx) {
		who := ctx.Request.Header.Peek("X-User") // not a copy
		spawn.Go(func() {
			<-more
			seen <- string(payload.Get()) + " " + string(who)
		})
		_, _ = ctx.Write(payload.Get())
	})))
	c := dial(t, address)
	body, _ := c.get("X-User: ann")
	require.Equal(t, "ann", body)
	for i := 0; i < 10; i++ {
		body, _ = c.get("X-User: bob")
		require.Equal(t, "bob", body)
	}
	close(more)
	got := map[string]int{}
	for i := 0; i < 11; i++ {
		got[<-seen]++
	}
	require.Equal(t, map[string]int{"ann bob": 1, "bob bob": 10}, got, "the header's memory was used again")
}

func TestBindOfNothing(t *testing.T) {
	h := glsfasthttp.Bind(user, func(*fasthttp.RequestCtx) (string, bool) { return "x", false })(func(*fasthttp.RequestCtx) {
		_, bound := user.Lookup()
		require.False(t, bound)
	})
	h(new(fasthttp.RequestCtx))
}

func TestRequestID(t *testing.T) {
	address := serve(t, glsfasthttp.Handler(glsfasthttp.RequestID(nil)(func(ctx *fasthttp.RequestCtx) {
		id := glshttp.ID.Get()
		ctx.Response.Header.Set("X-Request-ID", "the handler's")
		if string(ctx.Path()) != "/" {
			ctx.Error("no", fasthttp.StatusNotFound)
		}
		fmt.Fprintf(ctx, "%s %s", id, ctx.Request.Header.Peek("X-Request-ID"))
	})))
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$`)
	c := dial(t, address)
	before := glsfasthttp.ReadStats().RefusedIDs
	for _, tt := range []struct {
		name     string
		header   []string
		accepted string
	}{
		{"none", nil, ""},
		{"valid", []string{"X-Request-ID: req-7"}, "req-7"},
		{"in another case", []string{"x-request-id: req-7"}, "req-7"},
		{"two", []string{"X-Request-ID: req-7", "X-Request-ID: req-8"}, ""},
		{"long", []string{"X-Request-ID: " + strings.Repeat("x", 129)}, ""},
		{"not plain", []string{"X-Request-ID: <script>"}, ""},
		{"empty", []string{"X-Request-ID: "}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			body, header := c.get(tt.header...)
			require.Len(t, header.Values("X-Request-Id"), 1)
			id := header.Get("X-Request-Id")
			require.Equal(t, id+" "+id, body, "bound, and in the request's header")
			if tt.accepted != "" {
				require.Equal(t, tt.accepted, id)
			} else {
				require.Regexp(t, uuid, id)
			}
		})
	}
	require.EqualValues(t, 4, glsfasthttp.ReadStats().RefusedIDs-before)
}

func TestRequestIDOptions(t *testing.T) {
	address := serve(t, glsfasthttp.RequestID(
		glsfasthttp.IDHeader("X-Trace"), glsfasthttp.IDGenerate(func() string { return "made" }), glsfasthttp.IDValid(func(id string) bool { return id != "bad" }),
		glsfasthttp.Trust(func(ctx *fasthttp.RequestCtx) bool { return len(ctx.Request.Header.Peek("X-Trusted")) > 0 }),
	)(func(ctx *fasthttp.RequestCtx) { ctx.Error("no", fasthttp.StatusTeapot) }))
	c := dial(t, address)
	for want, header := range map[string][]string{
		"<ok>": {"X-Trace: <ok>", "X-Trusted: 1"}, "made": {"X-Trace: bad", "X-Trusted: 1"}, "made ": {"X-Trace: ok"},
	} {
		_, got := c.get(header...)
		require.Equal(t, []string{strings.TrimSpace(want)}, got.Values("X-Trace"))
	}
}

func TestTimeoutHandler(t *testing.T) {
	release := make(chan struct{})
	h := glsfasthttp.TimeoutHandler(func(ctx *fasthttp.RequestCtx) {
		if string(ctx.Request.Header.Peek("X-Slow")) != "" {
			<-release
		}
		ctx.SetBodyString(user.Get())
		user.Set("of the handler")
	}, time.Hour, "late")
	late := glsfasthttp.TimeoutHandler(func(*fasthttp.RequestCtx) { <-release }, time.Millisecond, "late")
	bound := glsfasthttp.Bind(user, func(*fasthttp.RequestCtx) (string, bool) { return "ann", true })
	ids := glsfasthttp.RequestID()
	c := dial(t, serve(t, glsfasthttp.Handler(ids(bound(func(ctx *fasthttp.RequestCtx) {
		h(ctx)
		if user.Get() != "ann" {
			panic("what the handler set is seen outside")
		}
	})))))
	body, _ := c.get()
	require.Equal(t, "ann", body)

	c = dial(t, serve(t, glsfasthttp.Handler(ids(bound(late)))))
	body, header := c.get("X-Request-ID: req-7")
	require.Equal(t, "late", body)
	require.Equal(t, "req-7", header.Get("X-Request-Id"))
	close(release)
}

func TestMisuse(t *testing.T) {
	for name, f := range map[string]func(){
		"OnLeak":     func() { glsfasthttp.OnLeak(nil) },
		"Bind":       func() { glsfasthttp.Bind(user, nil) },
		"IDValid":    func() { glsfasthttp.IDValid(nil) },
		"IDGenerate": func() { glsfasthttp.IDGenerate(nil) },
		"Trust":      func() { glsfasthttp.Trust(nil) },
	} {
		func() {
			defer func() {
				err, _ := recover().(error)
				require.ErrorIs(t, err, gls.ErrNilFunc)
				require.Contains(t, err.Error(), "glsfasthttp."+name)
			}()
			f()
		}()
	}
	for _, f := range []func(){
		func() { glsfasthttp.Handler(nil) },
		func() { glsfasthttp.RequestID()(nil) },
		func() { glsfasthttp.TimeoutHandler(nil, 0, "") },
		func() {
			glsfasthttp.Bind[string](nil, func(*fasthttp.RequestCtx) (string, bool) { return "", false })
		},
	} {
		require.Panics(t, f)
	}
	defer func() { require.ErrorIs(t, recover().(error), glsexport.ErrName) }()
	glsfasthttp.IDHeader("not a name")
}
