package glsdebug_test

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glsdebug"
)

// TestProxiesLetNobodyIn checks that a stranger behind a proxy on this machine,
// whose requests come from loopback, sees nothing, whatever Host he claims.
func TestProxiesLetNobodyIn(t *testing.T) {
	defer visible.Set("ann-the-secret").Reset()
	target, err := url.Parse(serve(t, glsdebug.Visible(visible)))
	require.NoError(t, err)
	path := target.Path
	target.Path = ""

	proxy := func(h http.Handler) string {
		s := httptest.NewServer(h)
		t.Cleanup(s.Close)
		return s.URL
	}
	for name, address := range map[string]string{
		"SetURL":                    proxy(&httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(target) }}),
		"SetURL and the Host":       proxy(&httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(target); p.Out.Host = p.In.Host }}),
		"SetXForwarded":             proxy(&httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(target); p.SetXForwarded() }}),
		"NewSingleHostReverseProxy": proxy(httputil.NewSingleHostReverseProxy(target)),
		"TCP":                       "http://" + tcpProxy(t, target.Host),
	} {
		for _, host := range []string{"", "www.public.example", "localhost", "127.0.0.1", target.Host} {
			for _, form := range forms {
				r := newRequest(t, "GET", address+path+form)
				r.Host = host
				code, text := status(t, http.DefaultClient, r)
				require.Equal(t, http.StatusForbidden, code, "%s, Host %q, %s", name, host, form)
				require.NotContains(t, text, "ann-the-secret")
			}
		}
		code, text := status(t, http.DefaultClient, newRequest(t, "GET", address+path+"?token="+token))
		require.Equal(t, http.StatusOK, code, "%s: whoever has the token is none", name)
		require.Contains(t, text, "ann-the-secret")
	}
}

// TestLocalTrustsProxies pins what the documentation of Local warns of.
func TestLocalTrustsProxies(t *testing.T) {
	page, err := url.Parse(serve(t, glsdebug.Auth(glsdebug.Local)))
	require.NoError(t, err)
	rewrite := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(&url.URL{Scheme: "http", Host: page.Host}) }})
	defer rewrite.Close()
	for address, want := range map[string]int{
		rewrite.URL:                             http.StatusOK,
		"http://" + tcpProxy(t, page.Host):      http.StatusOK,
		"http://" + page.Host:                   http.StatusOK,
		forwardingProxy(t, "http://"+page.Host): http.StatusForbidden,
	} {
		r := newRequest(t, "GET", address+page.Path)
		r.Host = "localhost"
		code, _ := status(t, http.DefaultClient, r)
		require.Equal(t, want, code, address)
	}
}

// forwardingProxy returns the address of a proxy that says that it is one.
func forwardingProxy(t *testing.T, to string) string {
	t.Helper()
	target, err := url.Parse(to)
	require.NoError(t, err)
	s := httptest.NewServer(httputil.NewSingleHostReverseProxy(target))
	t.Cleanup(s.Close)
	return s.URL
}

// tcpProxy returns the address of a proxy that copies bytes.
func tcpProxy(t *testing.T, to string) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var copying sync.WaitGroup
	t.Cleanup(func() {
		l.Close()
		http.DefaultClient.CloseIdleConnections()
		copying.Wait()
	})
	copying.Add(1)
	go func() {
		defer copying.Done()
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			out, err := net.Dial("tcp", to)
			if err != nil {
				in.Close()
				return
			}
			pass := func(to, from net.Conn) {
				defer copying.Done()
				defer to.Close()
				_, _ = io.Copy(to, from)
			}
			copying.Add(2)
			go pass(out, in)
			go pass(in, out)
		}
	}()
	return l.Addr().String()
}
