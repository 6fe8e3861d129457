package docs_test

import (
	"bytes"
	"context"
	"io"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glshttp"
)

// binding is middleware that binds visible, as RequestID binds its variable.
func binding(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer visible.Set("bound").Reset()
		next.ServeHTTP(w, r)
	})
}

func handler(f func()) http.Handler {
	return http.HandlerFunc(func(http.ResponseWriter, *http.Request) { f() })
}

// request sends one request to a real server for h and waits for the answer.
func request(t *testing.T, h http.Handler) {
	t.Helper()
	s := httptest.NewServer(h)
	defer s.Close()
	fetch(t, s.Client(), s.URL)
}

func fetch(t *testing.T, c *http.Client, url string) {
	t.Helper()
	resp, err := c.Get(url)
	require.NoError(t, err)
	_, err = io.Copy(io.Discard, resp.Body)
	require.NoError(t, err)
	require.NoError(t, resp.Body.Close())
}

// A tripper looks in RoundTrip.
type tripper struct{ see func() }

func (r tripper) RoundTrip(req *http.Request) (*http.Response, error) {
	r.see()
	return http.DefaultTransport.RoundTrip(req)
}

// A source looks when a request's body is read.
type source struct {
	io.Reader
	see func()
}

func (s source) Read(p []byte) (int, error) { s.see(); return s.Reader.Read(p) }

// A logHandler looks in Handle.
type logHandler struct {
	slog.Handler
	see func()
}

func (h logHandler) Handle(ctx context.Context, r slog.Record) error {
	h.see()
	return h.Handler.Handle(ctx, r)
}

type logWriter struct{ see func() }

func (w logWriter) Write(p []byte) (int, error) { w.see(); return len(p), nil }

// A logValue looks when it is resolved.
type logValue struct{ see func() }

func (v logValue) LogValue() slog.Value { v.see(); return slog.IntValue(1) }

func init() {
	visibilityRows = append(visibilityRows, []visibilityRow{
		{"`http.Handler`, behind the middleware that binds", true, "", func(t *testing.T, see func()) {
			request(t, binding(handler(see)))
		}},
		{"`http.Handler`, of what is bound where the server was started", false, "", func(t *testing.T, see func()) {
			request(t, handler(see))
		}},
		{"`http.Handler`, of what the connection's last request left bound, behind `glshttp.Handler`", false, "", func(t *testing.T, see func()) {
			s := httptest.NewServer(glshttp.Handler(handler(func() { see(); visible.Set("bound") })))
			defer s.Close()
			fetch(t, s.Client(), s.URL)
			fetch(t, s.Client(), s.URL)
		}},
		{"`http.TimeoutHandler`", false, "", func(t *testing.T, see func()) {
			request(t, binding(http.TimeoutHandler(handler(see), time.Minute, "")))
		}},
		{"`glshttp.TimeoutHandler`", true, "", func(t *testing.T, see func()) {
			request(t, binding(glshttp.TimeoutHandler(handler(see), time.Minute, "")))
		}},
		{"`httputil.ReverseProxy`: `Rewrite`, `Transport`, `ModifyResponse`", true, "", func(t *testing.T, see func()) {
			backend := httptest.NewServer(handler(func() {}))
			defer backend.Close()
			to, err := url.Parse(backend.URL)
			require.NoError(t, err)
			request(t, binding(&httputil.ReverseProxy{
				Rewrite:        func(r *httputil.ProxyRequest) { see(); r.SetURL(to) },
				Transport:      tripper{see},
				ModifyResponse: func(*http.Response) error { see(); return nil },
			}))
		}},
		{"`http.RoundTripper`", true, "", func(t *testing.T, see func()) {
			s := httptest.NewServer(handler(func() {}))
			defer s.Close()
			fetch(t, &http.Client{Transport: tripper{see}}, s.URL)
		}},
		{"`http.Client.CheckRedirect`, `http.Transport.Proxy`", true, "", func(t *testing.T, see func()) {
			s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/" {
					http.Redirect(w, r, "/there", http.StatusFound)
				}
			}))
			defer s.Close()
			transport := &http.Transport{Proxy: func(*http.Request) (*url.URL, error) { see(); return nil, nil }}
			defer transport.CloseIdleConnections()
			fetch(t, &http.Client{
				Transport:     transport,
				CheckRedirect: func(*http.Request, []*http.Request) error { see(); return nil },
			}, s.URL)
		}},
		{"`http.Transport.DialContext`", false, "", func(t *testing.T, see func()) {
			s := httptest.NewServer(handler(func() {}))
			defer s.Close()
			transport := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
				see()
				return new(net.Dialer).DialContext(ctx, network, addr)
			}}
			defer transport.CloseIdleConnections()
			fetch(t, &http.Client{Transport: transport}, s.URL)
		}},
		{"`Read` of the body of a client's request", false, "", func(t *testing.T, see func()) {
			s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
			}))
			defer s.Close()
			resp, err := s.Client().Post(s.URL, "text/plain", source{strings.NewReader("body"), see})
			require.NoError(t, err)
			require.NoError(t, resp.Body.Close())
		}},
		{"`slog.Handler.Handle`, `slog.LogValuer`", true, "", func(_ *testing.T, see func()) {
			slog.New(logHandler{slog.NewTextHandler(new(bytes.Buffer), nil), see}).Info("hello", "x", logValue{see})
		}},
		{"the writer of `log.Logger`", true, "", func(_ *testing.T, see func()) {
			log.New(logWriter{see}, "", 0).Print("hello")
		}},
	}...)
}
