package glshttp_test

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/textproto"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glshttp"
)

// sayID answers with the ID that is bound.
var sayID = http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, glshttp.ID.Get()) })

// proxyTo returns a proxy that copies everything, the headers included.
func proxyTo(t *testing.T, s *httptest.Server) http.Handler {
	to, err := url.Parse(s.URL)
	require.NoError(t, err)
	return &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(to) }}
}

// However a response comes about, it has the ID once, and it is the one that is
// bound here and behind a proxy.
func TestResponseHasTheIDOnce(t *testing.T) {
	id := glshttp.RequestID()
	strict := glshttp.RequestID(trust(false))
	stubborn := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Request-ID", "other")
		w.Header().Add("X-Request-ID", "another")
		sayID(w, r)
	})
	early := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</style.css>")
		w.WriteHeader(http.StatusEarlyHints)
		sayID(w, r)
	})
	for _, tt := range []struct {
		name    string
		handler http.Handler
	}{
		{"plain", id(sayID)},
		{"nested", id(id(sayID))},
		{"nested, the inner trusts nobody", id(strict(sayID))},
		{"proxy to RequestID", id(proxyTo(t, serve(t, glshttp.Handler(id(sayID)))))},
		{"proxy to nested RequestID", id(id(proxyTo(t, serve(t, glshttp.Handler(id(id(sayID)))))))},
		{"proxy to early hints", id(proxyTo(t, serve(t, glshttp.Handler(id(early)))))},
		{"proxy to another ID", id(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Trailer", "X-Sum")
			proxyTo(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("X-Request-ID", "backend's")
				_, _ = io.WriteString(w, r.Header.Get("X-Request-ID"))
			}))).ServeHTTP(w, r)
		}))},
		{"http.TimeoutHandler behind", id(glshttp.TimeoutHandler(sayID, time.Minute, ""))},
		{"http.TimeoutHandler in front", http.TimeoutHandler(glshttp.Handler(id(sayID)), time.Minute, "")},
		{"set by a handler", id(stubborn)},
		{"deleted by a handler", id(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Del("X-Request-ID")
			sayID(w, r)
		}))},
		{"changed in place", id(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header()["X-Request-Id"][0] = "other"
			r.Header["X-Request-Id"][0] = "other"
			sayID(w, r)
		}))},
		{"early hints", id(early)},
		{"WriteHeader", id(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("X-Request-ID", "another")
			w.WriteHeader(http.StatusTeapot)
			sayID(w, r)
		}))},
		{"Flush", id(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("X-Request-ID", "another")
			w.(http.Flusher).Flush()
			sayID(w, r)
		}))},
		{"ResponseController.Flush", id(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("X-Request-ID", "another")
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
			sayID(w, r)
		}))},
		{"ReadFrom", id(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("X-Request-ID", "another")
			_, _ = w.(io.ReaderFrom).ReadFrom(strings.NewReader(glshttp.ID.Get()))
		}))},
		{"Write", id(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Add("X-Request-ID", "another")
			_, _ = w.Write([]byte(glshttp.ID.Get()))
		}))},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := serve(t, glshttp.Handler(tt.handler))
			for _, sent := range []string{"", "abc", "a b"} {
				req, err := http.NewRequest("GET", s.URL, nil)
				require.NoError(t, err)
				if sent != "" {
					req.Header.Set("X-Request-ID", sent)
				}
				resp, err := s.Client().Do(req)
				require.NoError(t, err)
				body, err := io.ReadAll(resp.Body)
				require.NoError(t, err)
				resp.Body.Close()
				told := resp.Header.Values("X-Request-ID")
				require.Len(t, told, 1, "sent %q", sent)
				require.Equal(t, string(body), told[0], "sent %q", sent)
				require.Equal(t, sent == "abc", told[0] == "abc")
			}
		})
	}
}

func TestResponseHasTheIDIfNothingIsWritten(t *testing.T) {
	s := serve(t, glshttp.RequestID()(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Del("X-Request-ID")
	})))
	resp, err := s.Client().Get(s.URL)
	require.NoError(t, err)
	resp.Body.Close()
	require.Regexp(t, uuid7, strings.Join(resp.Header.Values("X-Request-ID"), "|"))
}

// A hijacked connection belongs to the handler, and a proxied upgrade has the
// ID in its answer.
func TestRequestIDAndUpgrades(t *testing.T) {
	upgrade := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		fmt.Fprintf(conn, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: echo\r\nX-Request-Id: %s\r\n\r\n%s",
			r.Header.Get("X-Request-ID"), glshttp.ID.Get())
	})
	const request = "GET / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: echo\r\n\r\n"
	backend := serve(t, glshttp.Handler(glshttp.RequestID()(upgrade)))
	for name, h := range map[string]http.Handler{"hijacked": upgrade, "proxied": proxyTo(t, backend)} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, glshttp.Handler(glshttp.RequestID()(h)))
			in := bufio.NewReader(strings.NewReader(talk(t, s, request)))
			_, err := in.ReadString('\n')
			require.NoError(t, err)
			header, err := textproto.NewReader(in).ReadMIMEHeader()
			require.NoError(t, err)
			body, err := io.ReadAll(in)
			require.NoError(t, err)
			require.Equal(t, []string{string(body)}, header.Values("X-Request-Id"))
		})
	}
}

// Parts of a ResponseWriter, each of which counts its calls in the map.
type (
	flushes  map[string]int
	hijacks  map[string]int
	pushes   map[string]int
	reads    map[string]int
	notifies map[string]int
)

func (c flushes) Flush() { c["flush"]++ }
func (c hijacks) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c["hijack"]++
	return nil, nil, nil
}
func (c pushes) Push(string, *http.PushOptions) error { c["push"]++; return nil }
func (c reads) ReadFrom(io.Reader) (int64, error)     { c["read"]++; return 0, nil }
func (c notifies) CloseNotify() <-chan bool           { c["notify"]++; return nil }

// Handlers find the optional interfaces of the server's ResponseWriter, those
// and no others.
func TestRequestIDKeepsOptionalInterfaces(t *testing.T) {
	type w = http.ResponseWriter
	calls := map[string]int{}
	f, h, p, r, c := flushes(calls), hijacks(calls), pushes(calls), reads(calls), notifies(calls)
	rec := w(onlyWriter{httptest.NewRecorder()})
	for want, writer := range map[string]w{
		"": struct{ w }{rec},
		"f": struct {
			w
			flushes
		}{rec, f},
		"h": struct {
			w
			hijacks
		}{rec, h},
		"p": struct {
			w
			pushes
		}{rec, p},
		"r": struct {
			w
			reads
		}{rec, r},
		"fh": struct {
			w
			flushes
			hijacks
		}{rec, f, h},
		"fp": struct {
			w
			flushes
			pushes
		}{rec, f, p},
		"fr": struct {
			w
			flushes
			reads
		}{rec, f, r},
		"hp": struct {
			w
			hijacks
			pushes
		}{rec, h, p},
		"hr": struct {
			w
			hijacks
			reads
		}{rec, h, r},
		"pr": struct {
			w
			pushes
			reads
		}{rec, p, r},
		"fhp": struct {
			w
			flushes
			hijacks
			pushes
		}{rec, f, h, p},
		"fhr": struct {
			w
			flushes
			hijacks
			reads
		}{rec, f, h, r},
		"fpr": struct {
			w
			flushes
			pushes
			reads
		}{rec, f, p, r},
		"hpr": struct {
			w
			hijacks
			pushes
			reads
		}{rec, h, p, r},
		"fhpr": struct {
			w
			flushes
			hijacks
			pushes
			reads
		}{rec, f, h, p, r},
		"fhc": struct {
			w
			flushes
			hijacks
			notifies
		}{rec, f, h, c},
		"fpc": struct {
			w
			flushes
			pushes
			notifies
		}{rec, f, p, c}, // HTTP/2
		"fhrc": struct {
			w
			flushes
			hijacks
			reads
			notifies
		}{rec, f, h, r, c}, // HTTP/1
	} {
		for key := range calls {
			delete(calls, key)
		}
		got := ""
		glshttp.RequestID()(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			if w, ok := w.(http.Flusher); ok {
				w.Flush()
				got += "f"
			}
			if w, ok := w.(http.Hijacker); ok {
				_, _, _ = w.Hijack()
				got += "h"
			}
			if w, ok := w.(http.Pusher); ok {
				_ = w.Push("", nil)
				got += "p"
			}
			if w, ok := w.(io.ReaderFrom); ok {
				_, _ = w.ReadFrom(nil)
				got += "r"
			}
			if w, ok := w.(interface{ CloseNotify() <-chan bool }); ok {
				w.CloseNotify()
				got += "c"
			}
			require.Equal(t, writer, w.(interface{ Unwrap() http.ResponseWriter }).Unwrap())
		})).ServeHTTP(writer, httptest.NewRequest("GET", "/", nil))
		require.Equal(t, want, got)
		require.Len(t, calls, len(want), "each call reached the writer behind")
	}
}

// onlyWriter hides all but the methods of a ResponseWriter.
type onlyWriter struct{ rec *httptest.ResponseRecorder }

func (w onlyWriter) Header() http.Header         { return w.rec.Header() }
func (w onlyWriter) Write(b []byte) (int, error) { return w.rec.Write(b) }
func (w onlyWriter) WriteHeader(code int)        { w.rec.WriteHeader(code) }

func TestFlushThatIsNotSupported(t *testing.T) {
	glshttp.RequestID()(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		require.ErrorIs(t, http.NewResponseController(w).Flush(), http.ErrNotSupported)
	})).ServeHTTP(onlyWriter{httptest.NewRecorder()}, httptest.NewRequest("GET", "/", nil))
}

func TestRequestIDOfARequestWithoutHeaders(t *testing.T) {
	r := httptest.NewRequest("GET", "/", nil)
	r.Header = nil
	glshttp.RequestID()(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		require.Equal(t, glshttp.ID.Get(), r.Header.Get("X-Request-ID"))
	})).ServeHTTP(httptest.NewRecorder(), r)
}

// What a RequestID in front bound counts as trusted only if the header says the
// same.
func TestNestedRequestIDTrustsOnlyWhatIsBound(t *testing.T) {
	strict := glshttp.RequestID(trust(false))
	defer glshttp.ID.Set("bound").Reset()
	var got string
	h := strict(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { got = glshttp.ID.Get() }))
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("X-Request-ID", "client")
	h.ServeHTTP(httptest.NewRecorder(), r)
	require.Regexp(t, uuid7, got)
}

// The same over HTTP/2, whose writer has other optional interfaces.
func TestRequestIDOverHTTP2(t *testing.T) {
	s := httptest.NewUnstartedServer(glshttp.Handler(glshttp.RequestID()(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, pushes := w.(http.Pusher)
		_, flushes := w.(http.Flusher)
		_, hijacks := w.(http.Hijacker)
		if r.ProtoMajor != 2 || !pushes || !flushes || hijacks {
			t.Errorf("%s: Pusher %v, Flusher %v, Hijacker %v", r.Proto, pushes, flushes, hijacks)
		}
		w.Header().Add("X-Request-ID", "another")
		w.(http.Flusher).Flush()
		sayID(w, r)
	}))))
	s.EnableHTTP2 = true
	s.StartTLS()
	defer s.Close()
	resp, err := s.Client().Get(s.URL)
	require.NoError(t, err)
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	require.Equal(t, []string{string(body)}, resp.Header["X-Request-Id"])
}
