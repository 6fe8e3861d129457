package glshttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/gls/glshttp"
)

var exported = glshttp.Exports(
	glsexport.Export(user, "user", glsexport.String()),
	glsexport.ExportHeader(tenant, "X-Tenant", glsexport.String()),
)

// echo answers with the headers that carry variables.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	_, _ = io.WriteString(w, strings.Join(r.Header["Baggage"], "|")+";"+strings.Join(r.Header["X-Tenant"], "|"))
})

// everywhere returns a Transport that reaches s under whatever host name.
func everywhere(s *httptest.Server) *http.Transport {
	return &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, s.Listener.Addr().String())
	}}
}

func TestTransportSendsWhatIsBound(t *testing.T) {
	s := serve(t, echo)
	c := &http.Client{Transport: glshttp.Transport(nil, exported)}
	_, body := get(t, c, s.URL)
	require.Equal(t, ";", body)

	defer user.Set("Amélie").Reset()
	defer tenant.Set("t-1").Reset()
	before := glshttp.ReadStats().Injected
	_, body = get(t, c, s.URL)
	require.Equal(t, "user=Am%C3%A9lie;t-1", body)
	require.Equal(t, before.Carried+2, glshttp.ReadStats().Injected.Carried)

	_, body = get(t, &http.Client{Transport: glshttp.Transport(nil)}, s.URL)
	require.Equal(t, ";", body, "nothing is exported by itself")
}

func TestTransportNeverSendsAHeaderTwice(t *testing.T) {
	s := serve(t, echo)
	for _, tt := range []struct {
		name    string
		header  http.Header
		want    string // bound values win
		unbound string // if nothing is bound
		kept    string // with KeepHeaders
	}{
		{"own header", http.Header{"X-Tenant": {"mine"}}, "user=ann;t-1", ";", "user=ann;mine"},
		{"own header, not canonical", http.Header{"x-tenant": {"mine"}}, "user=ann;t-1", ";", "user=ann;mine"},
		{"own header, twice", http.Header{"X-Tenant": {"a", "b"}}, "user=ann;t-1", ";", "user=ann;a|b"},
		{"own header, without a value", http.Header{"X-Tenant": nil}, "user=ann;t-1", ";", "user=ann;"},
		{"baggage of others", http.Header{"Baggage": {"a=1", "b=2"}}, "a=1,b=2,user=ann;t-1", "a=1|b=2;", "a=1|b=2;t-1"},
		{"baggage of ours", http.Header{"Baggage": {"a=1,user=eve", "b=2"}}, "a=1,b=2,user=ann;t-1", "a=1,b=2;", "a=1,user=eve|b=2;t-1"},
		{"baggage of ours alone", http.Header{"Baggage": {"user=eve"}}, "user=ann;t-1", ";", "user=eve;t-1"},
		{"baggage of ours, not canonical", http.Header{"bAGGAGE": {"USER=eve"}}, "user=ann;t-1", ";", "USER=eve;t-1"},
	} {
		send := func(opts ...glshttp.TransportOption) string {
			req, err := http.NewRequest("GET", s.URL, nil)
			require.NoError(t, err)
			req.Header = tt.header.Clone()
			resp, err := glshttp.Transport(nil, append(opts, exported)...).RoundTrip(req)
			require.NoError(t, err)
			defer resp.Body.Close()
			require.Equal(t, tt.header, req.Header, "the caller's request")
			body, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			return string(body)
		}
		t.Run(tt.name, func(t *testing.T) {
			require.Equal(t, tt.unbound, send(nil, nil))
			defer user.Set("ann").Reset()
			defer tenant.Set("t-1").Reset()
			require.Equal(t, tt.want, send())
			before := glshttp.ReadStats().Injected
			require.Equal(t, tt.kept, send(glshttp.KeepHeaders()))
			require.Equal(t, before.Kept+1, glshttp.ReadStats().Injected.Kept)
		})
	}
}

// What a stranger wrote is not repeated to a host that may not be told either:
// it may trust this server all the same.
func TestTransportCleansRequestsForOtherHosts(t *testing.T) {
	defer user.Set("ann").Reset()
	next := &recorder{}
	req, err := http.NewRequest("GET", "http://example.com/", nil)
	require.NoError(t, err)
	req.Header = http.Header{"Baggage": {"user=eve,a=1"}, "X-Tenant": {"evil"}, "Accept": {"*/*"}}
	_, _ = glshttp.Transport(next, exported).RoundTrip(req)
	require.Equal(t, http.Header{"Baggage": {"a=1"}, "Accept": {"*/*"}}, next.got.Header)
	require.Len(t, req.Header, 3)
	_, _ = glshttp.Transport(next, exported, glshttp.KeepHeaders()).RoundTrip(req)
	require.Same(t, req, next.got)
}

// A recorder is a RoundTripper that keeps the request and honours the contract.
type recorder struct {
	got    *http.Request
	closed int
}

func (r *recorder) RoundTrip(req *http.Request) (*http.Response, error) {
	r.got = req
	if req.Body != nil {
		req.Body.Close()
	}
	return nil, errRecorded
}

func (r *recorder) CloseIdleConnections() { r.closed++ }

var errRecorded = errors.New("recorded")

type body struct {
	io.Reader
	closed int
}

func (b *body) Close() error { b.closed++; return nil }

func TestTransportDoesNotModifyTheRequest(t *testing.T) {
	defer user.Set("ann").Reset()
	next := &recorder{}
	b := &body{Reader: strings.NewReader("data")}
	req, err := http.NewRequest("POST", "http://localhost/", b)
	require.NoError(t, err)
	req.Header["A"] = []string{"1"}
	original, header := *req, req.Header.Clone()

	_, err = glshttp.Transport(next, exported).RoundTrip(req)
	require.Same(t, errRecorded, err)
	require.Equal(t, header, req.Header)
	require.Equal(t, original.URL, req.URL)
	require.NotSame(t, req, next.got)
	require.Equal(t, "user=ann", next.got.Header.Get("baggage"))
	next.got.Header["A"][0] = "2"
	require.Equal(t, "1", req.Header.Get("A"), "not even the values are shared")
	require.Equal(t, 1, b.closed, "once, by next")
	require.Equal(t, req.Context(), next.got.Context())
}

func TestTransportCopiesNothingInVain(t *testing.T) {
	next := &recorder{}
	req, err := http.NewRequest("GET", "http://localhost/", nil)
	require.NoError(t, err)
	_, _ = glshttp.Transport(next, exported).RoundTrip(req)
	require.Same(t, req, next.got, "nothing is bound")
	defer user.Set("ann").Reset()
	req.URL.Host = "example.com"
	_, _ = glshttp.Transport(next, exported).RoundTrip(req)
	require.Same(t, req, next.got, "not allowed")
}

func TestTransportLeavesInvalidRequestsToNext(t *testing.T) {
	defer user.Set("ann").Reset()
	for name, req := range map[string]*http.Request{
		"no URL":    {Header: http.Header{}},
		"no header": {URL: &url.URL{Scheme: "http", Host: "localhost"}},
	} {
		b := &body{Reader: strings.NewReader("")}
		req.Body = b
		resp, err := glshttp.Transport(nil, exported).RoundTrip(req)
		if err == nil {
			resp.Body.Close()
		}
		require.Error(t, err, name)
		require.Equal(t, 1, b.closed, name)
	}
}

func TestTransportPassesCloseIdleConnectionsOn(t *testing.T) {
	next := &recorder{}
	(&http.Client{Transport: glshttp.Transport(next)}).CloseIdleConnections()
	require.Equal(t, 1, next.closed)
	(&http.Client{Transport: glshttp.Transport(nil)}).CloseIdleConnections()
	type plain struct{ http.RoundTripper }
	(&http.Client{Transport: glshttp.Transport(plain{next})}).CloseIdleConnections()
	require.Equal(t, 1, next.closed)
}

// The client copies the headers of a request when it is redirected: ours must
// not be among them.
func TestTransportSendsNothingAfterARedirect(t *testing.T) {
	var s *httptest.Server
	s = serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if to := r.FormValue("to"); to != "" {
			http.Redirect(w, r, to, http.StatusTemporaryRedirect)
			return
		}
		w.Header().Set("X-Host", r.Host)
		echo(w, r)
	}))
	c := &http.Client{Transport: glshttp.Transport(everywhere(s), exported, glshttp.AllowHosts("api.internal"))}
	for _, tt := range []struct{ name, from, to, want string }{
		{"to a stranger", "http://api.internal/", "http://evil.test/", ";"},
		{"to a stranger's subdomain trick", "http://api.internal/", "http://api.internal.evil.test/", ";"},
		{"to a stranger with our name for a user", "http://api.internal/", "http://api.internal@evil.test/", ";"},
		{"back to us", "http://evil.test/", "http://api.internal/", "user=ann;t-1"},
		{"among us", "http://localhost/", "http://API.INTERNAL:8080/", "user=ann;t-1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			defer user.Set("ann").Reset()
			defer tenant.Set("t-1").Reset()
			_, body := get(t, c, tt.from+"?to="+url.QueryEscape(tt.to))
			require.Equal(t, tt.want, body)
			resp, err := c.Post(tt.from+"?to="+url.QueryEscape(tt.to), "text/plain", strings.NewReader("body"))
			require.NoError(t, err)
			b, err := io.ReadAll(resp.Body)
			require.NoError(t, err)
			resp.Body.Close()
			require.Equal(t, tt.want, string(b))
		})
	}
}

// A gateway binds what it knows and proxies to a server that trusts it.
// Whatever its clients send, the server behind binds what the gateway bound, or
// nothing.
func TestReverseProxy(t *testing.T) {
	backend := serve(t, glshttp.Handler(glshttp.Extract(exported, trust(true))(whoami)))
	to, err := url.Parse(backend.URL)
	require.NoError(t, err)
	proxy := func(opts ...glshttp.TransportOption) []*httputil.ReverseProxy {
		transport := glshttp.Transport(nil, append(opts, exported)...)
		classic := httputil.NewSingleHostReverseProxy(to)
		classic.Transport = transport
		return []*httputil.ReverseProxy{classic, {
			Rewrite:   func(r *httputil.ProxyRequest) { r.SetURL(to) },
			Transport: transport,
		}}
	}
	bind := func(h http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			defer user.Set("bob").Reset()
			defer tenant.Set("t-2").Reset()
			h.ServeHTTP(w, r)
		})
	}
	same := func(h http.Handler) http.Handler { return h }
	extract := glshttp.Extract(exported)
	keep := glshttp.Extract(exported, glshttp.KeepUntrusted())
	for _, tt := range []struct {
		name    string
		front   func(http.Handler) http.Handler
		proxies []*httputil.ReverseProxy
		want    string
	}{
		{"Transport alone", bind, proxy(), "bob t-2"},
		{"nothing is bound", same, proxy(), "nobody none"},
		{"Extract in front", func(h http.Handler) http.Handler { return extract(bind(h)) }, proxy(), "bob t-2"},
		{"Extract in front, nothing is bound", extract, proxy(), "nobody none"},
		{"Extract alone", extract, []*httputil.ReverseProxy{httputil.NewSingleHostReverseProxy(to)}, "nobody none"},
		{"either kept", func(h http.Handler) http.Handler { return keep(bind(h)) }, proxy(), "bob t-2"},
		{"control: both kept", func(h http.Handler) http.Handler { return keep(bind(h)) }, proxy(glshttp.KeepHeaders()), "admin t-1"},
	} {
		for i, p := range tt.proxies {
			t.Run(fmt.Sprint(tt.name, " ", i), func(t *testing.T) {
				front := glshttp.Handler(tt.front(p))
				for _, baggage := range []string{"user=admin", "a=b,user=admin", "user=admin;p=1"} {
					got := send(t, front, http.Header{"Baggage": {baggage}, "X-Tenant": {"t-1"}})
					require.Equal(t, tt.want, got, baggage)
				}
			})
		}
	}
}
