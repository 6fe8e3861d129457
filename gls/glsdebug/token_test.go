package glsdebug_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glsdebug"
)

// logged returns what f logs.
func logged(t *testing.T, f func()) string {
	t.Helper()
	var (
		b      bytes.Buffer // the log package locks it
		output = log.Writer()
		flags  = log.Flags()
	)
	log.SetOutput(&b)
	log.SetFlags(0)
	defer log.SetOutput(output)
	defer log.SetFlags(flags)
	f()
	return b.String()
}

// told is the line that tells the token, up to the address.
const told = "glsdebug: the debugging page asks for a token: "

// forms are the parameters of everything that the page has.
var forms = []string{"", "?format=json", "?format=text", "?format=prometheus", "?format=expvar", "?format=no", "?asset=style.css", "?asset=live.js", "?stacks=grouped", "?stacks=1&format=json"}

// status sends a request and returns its status and text.
func status(t *testing.T, c *http.Client, r *http.Request) (int, string) {
	t.Helper()
	resp, err := c.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(b)
}

func newRequest(t *testing.T, method, url string, headers ...string) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, url, nil)
	require.NoError(t, err)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	return r
}

// TestEveryFormNeedsTheToken checks all formats and methods, even from
// loopback.
func TestEveryFormNeedsTheToken(t *testing.T) {
	defer visible.Set("not for everybody").Reset()
	page := serve(t, glsdebug.Visible(visible))
	for _, form := range forms {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "OPTIONS"} {
			for _, headers := range [][]string{
				nil,
				{"X-Gls-Stacks", "confirmed"},
				{"Authorization", "Bearer"},
				{"Authorization", "Bearer "},
				{"Authorization", "Bearer " + token + "x"},
				{"Authorization", "Bearer " + token[1:]},
				{"Authorization", "Basic " + token},
				{"Authorization", token},
				{"Cookie", "token=" + token},
				{"Cookie", "glsdebug=" + token},
			} {
				code, text := status(t, http.DefaultClient, newRequest(t, method, page+form, headers...))
				require.Equal(t, http.StatusForbidden, code, "%s %s %v", method, form, headers)
				require.NotContains(t, text, "not for everybody")
				require.NotContains(t, text, "visible")
			}
		}
	}
	for _, form := range []string{"", "?format=json", "?format=text", "?format=prometheus", "?format=expvar"} {
		code, _ := status(t, http.DefaultClient, newRequest(t, "GET", page+form, "Authorization", "bearer "+token))
		require.Equal(t, http.StatusOK, code, form)
	}
}

// TestTheTokenIsLoggedOnce checks that the address is logged at the first
// request without the token, and never again, however many come at once.
func TestTheTokenIsLoggedOnce(t *testing.T) {
	s := httptest.NewServer(glsdebug.Handler())
	defer s.Close()
	line := logged(t, func() {
		var wg sync.WaitGroup
		for i := 0; i < 8; i++ {
			wg.Add(1)
			go func() {
				defer wg.Done()
				r, _ := http.NewRequest("GET", s.URL+"/debug/gls?var=x", nil)
				r.Host = "evil.example:99"
				if resp, err := http.DefaultClient.Do(r); err != nil {
					t.Error(err)
				} else {
					resp.Body.Close()
				}
			}()
		}
		wg.Wait()
	})
	require.Equal(t, 1, strings.Count(line, "\n"), line)
	address := strings.TrimSuffix(strings.TrimPrefix(line, told), "\n")
	require.True(t, strings.HasPrefix(address, s.URL+"/debug/gls?token="), line)

	silent := logged(t, func() {
		code, _ := status(t, http.DefaultClient, newRequest(t, "GET", address))
		require.Equal(t, http.StatusOK, code)
		code, _ = status(t, http.DefaultClient, newRequest(t, "GET", s.URL))
		require.Equal(t, http.StatusForbidden, code)
	})
	require.Empty(t, silent)

	other := httptest.NewServer(glsdebug.Handler())
	defer other.Close()
	code, _ := status(t, http.DefaultClient, newRequest(t, "GET", strings.Replace(address, s.URL, other.URL, 1)))
	require.Equal(t, http.StatusForbidden, code, "each has a token of its own")
}

func TestNothingIsLoggedWithTheToken(t *testing.T) {
	require.Empty(t, logged(t, func() {
		get(t, serve(t))
		page := serve(t, glsdebug.Auth(func(*http.Request) bool { return false }))
		code, _ := status(t, http.DefaultClient, newRequest(t, "GET", page))
		require.Equal(t, http.StatusForbidden, code)
	}))
}

// TestTheLoggedAddress checks that the address leads to the page, wherever that
// listens and whatever the client says.
func TestTheLoggedAddress(t *testing.T) {
	page := glsdebug.Handler(glsdebug.Token("a b&c"))
	const query = "?token=a+b%26c"
	tcp := &net.TCPAddr{IP: net.IPv4(10, 1, 2, 3), Port: 8080}
	for _, row := range []struct {
		name    string
		local   net.Addr
		tls     bool
		target  string // of the request, as the client writes it
		handler func(http.Handler) http.Handler
		want    string
	}{
		{name: "IPv4", local: tcp, target: "/debug/gls", want: "http://10.1.2.3:8080/debug/gls"},
		{name: "TLS", local: tcp, tls: true, target: "/debug/gls", want: "https://10.1.2.3:8080/debug/gls"},
		{name: "IPv6", local: &net.TCPAddr{IP: net.IPv6loopback, Port: 80}, target: "/debug/gls", want: "http://[::1]:80/debug/gls"},
		{name: "IPv6 with a zone", local: &net.TCPAddr{IP: net.ParseIP("fe80::1"), Zone: "eth0", Port: 80}, target: "/debug/gls", want: "http://[fe80::1%25eth0]:80/debug/gls"},
		{name: "Unix socket", local: &net.UnixAddr{Name: "/run/x\n.sock", Net: "unix"}, target: "/debug/gls", want: "/debug/gls"},
		{name: "no server", target: "/debug/gls", want: "/debug/gls"},
		{name: "stripped prefix", local: tcp, target: "/admin/debug/gls", want: "http://10.1.2.3:8080/admin/debug/gls",
			handler: func(h http.Handler) http.Handler { return http.StripPrefix("/admin", h) }},
		{name: "a query is not repeated", local: tcp, target: "/debug/gls?token=evil&x=http://evil/", want: "http://10.1.2.3:8080/debug/gls"},
		{name: "absolute form", local: tcp, target: "http://evil.example/debug/gls", want: "http://10.1.2.3:8080/debug/gls"},
		{name: "a path like a host", local: tcp, target: "//evil.example/debug/gls", want: "http://10.1.2.3:8080//evil.example/debug/gls"},
		{name: "line breaks", local: tcp, target: "/debug%0aevil%1b[2J/gls", want: "http://10.1.2.3:8080/debug%0aevil%1b[2J/gls"},
	} {
		t.Run(row.name, func(t *testing.T) {
			fresh := glsdebug.Handler(glsdebug.Token("a b&c"))
			if row.handler != nil {
				fresh = row.handler(fresh)
			}
			r := httptest.NewRequest("GET", row.target, nil)
			r.Host = "evil.example"
			if row.tls {
				r.TLS = &tls.ConnectionState{}
			}
			if row.local != nil {
				r = r.WithContext(context.WithValue(r.Context(), http.LocalAddrContextKey, row.local))
			}
			line := logged(t, func() { fresh.ServeHTTP(httptest.NewRecorder(), r) })
			require.True(t, strings.HasPrefix(line, told+row.want+query), line)
			require.Equal(t, 1, strings.Count(line, "\n"))
			require.NotContains(t, line, "\x1b")
		})
	}
	r := httptest.NewRequest("GET", "/"+strings.Repeat("x", 10_000), nil)
	require.Empty(t, logged(t, func() { page.ServeHTTP(httptest.NewRecorder(), r) }), "nobody fills the log")
	r = httptest.NewRequest("GET", "/debug/gls", nil)
	require.NotEmpty(t, logged(t, func() { page.ServeHTTP(httptest.NewRecorder(), r) }), "but the line is still to come")
}

// TestTheLoggedAddressWorks where a server listens on all addresses, and asks
// for TLS.
func TestTheLoggedAddressWorks(t *testing.T) {
	l, err := net.Listen("tcp", ":0")
	require.NoError(t, err)
	s := httptest.NewUnstartedServer(glsdebug.Handler())
	s.Listener.Close()
	s.Listener = l
	s.StartTLS()
	defer s.Close()
	line := logged(t, func() {
		_, port, err := net.SplitHostPort(l.Addr().String())
		require.NoError(t, err)
		r := newRequest(t, "GET", "https://127.0.0.1:"+port+"/debug/gls")
		r.Host = "evil.example"
		code, _ := status(t, s.Client(), r)
		require.Equal(t, http.StatusForbidden, code)
	})
	address := strings.TrimSuffix(strings.TrimPrefix(line, told), "\n")
	code, _ := status(t, s.Client(), newRequest(t, "GET", address))
	require.Equal(t, http.StatusOK, code, address)
}

func TestUnixSocket(t *testing.T) {
	dir, err := os.MkdirTemp("", "gls") // t.TempDir may be too long for a socket
	require.NoError(t, err)
	defer os.RemoveAll(dir)
	socket := filepath.Join(dir, "s")
	l, err := net.Listen("unix", socket)
	require.NoError(t, err)
	s := httptest.NewUnstartedServer(glsdebug.Handler(glsdebug.Token(token)))
	s.Listener.Close()
	s.Listener = l
	s.Start()
	defer s.Close()
	c := &http.Client{Transport: &http.Transport{DialContext: func(context.Context, string, string) (net.Conn, error) {
		return net.Dial("unix", socket)
	}}}
	line := logged(t, func() {
		code, _ := status(t, c, newRequest(t, "GET", "http://localhost/debug/gls"))
		require.Equal(t, http.StatusForbidden, code)
	})
	require.Equal(t, told+"/debug/gls?token="+token+" on the unix socket "+socket+"\n", line)
	code, _ := status(t, c, newRequest(t, "GET", "http://localhost/debug/gls?token="+token))
	require.Equal(t, http.StatusOK, code)
}

// TestCookie checks that the token in the address is needed only once, and that
// the cookie is out of reach of scripts and other sites and does not reveal the
// token.
func TestCookie(t *testing.T) {
	page := serve(t)
	resp, err := http.Get(page + "?token=" + token)
	require.NoError(t, err)
	resp.Body.Close()
	require.Equal(t, http.StatusOK, resp.StatusCode)
	require.Len(t, resp.Cookies(), 1)
	c := resp.Cookies()[0]
	require.True(t, c.HttpOnly)
	require.Equal(t, http.SameSiteStrictMode, c.SameSite)
	require.False(t, c.Secure, "over plain HTTP browsers would drop it")
	require.Empty(t, c.Domain)
	require.NotContains(t, c.Name+c.Value, token)

	with := func(cookies string) int {
		code, _ := status(t, http.DefaultClient, newRequest(t, "GET", page+"?format=json", "Cookie", cookies))
		return code
	}
	require.Equal(t, http.StatusOK, with(c.Name+"="+c.Value))
	require.Equal(t, http.StatusOK, with(c.Name+"=set-by-somebody-else; "+c.Name+"="+c.Value))
	require.Equal(t, http.StatusForbidden, with(c.Name+"="+token))
	require.Equal(t, http.StatusForbidden, with(c.Name+"="))
	require.Equal(t, http.StatusForbidden, with("other="+c.Value))

	for _, header := range []string{"Bearer " + token, "Bearer wrong"} {
		resp, err := http.DefaultClient.Do(newRequest(t, "GET", page, "Authorization", header))
		require.NoError(t, err)
		resp.Body.Close()
		require.Empty(t, resp.Cookies(), "tools get none")
	}
}

func TestCookieOverTLS(t *testing.T) {
	s := httptest.NewTLSServer(glsdebug.Handler(glsdebug.Token(token)))
	defer s.Close()
	resp, err := s.Client().Get(s.URL + "/debug/gls?token=" + token)
	require.NoError(t, err)
	resp.Body.Close()
	require.True(t, resp.Cookies()[0].Secure)
}

// TestSeveralProcessesOnOneHost checks that each process has its own name for
// the cookie, because cookies do not depend on ports.
func TestSeveralProcessesOnOneHost(t *testing.T) {
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := &http.Client{Jar: jar}
	pages := make(map[string]string) // tokens by page
	for _, name := range []string{"one", "two", "three"} {
		pages[serve(t, glsdebug.Token(name))] = name
	}
	for page, token := range pages {
		code, _ := status(t, browser, newRequest(t, "GET", page+"?token="+token))
		require.Equal(t, http.StatusOK, code)
	}
	for page := range pages {
		code, _ := status(t, browser, newRequest(t, "GET", page+"?format=json"))
		require.Equal(t, http.StatusOK, code, "still")
	}
}

// TestTokenForm checks that a browser without the token gets a form for it,
// which then leads to the requested page.
func TestTokenForm(t *testing.T) {
	page := serve(t)
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	browser := &http.Client{Jar: jar}
	asked := newRequest(t, "GET", page+"?var=visible&token=old", "Accept", "text/html,*/*")
	resp, err := browser.Do(asked)
	require.NoError(t, err)
	b, err := io.ReadAll(resp.Body)
	resp.Body.Close()
	require.NoError(t, err)
	require.Equal(t, http.StatusForbidden, resp.StatusCode)
	require.Equal(t, "text/html; charset=utf-8", resp.Header.Get("Content-Type"))
	require.NotContains(t, resp.Header.Get("Content-Security-Policy"), "unsafe")
	require.Contains(t, string(b), `action="?var=visible"`)
	require.Contains(t, string(b), "That is not the token")
	require.NotContains(t, string(b), "Goroutines with state")

	send := func(token string) (int, string) {
		r := newRequest(t, "POST", page+"?var=visible", "Accept", "text/html", "Content-Type", "application/x-www-form-urlencoded")
		r.Body = io.NopCloser(strings.NewReader(url.Values{"token": {token}}.Encode()))
		return status(t, browser, r)
	}
	code, text := send("wrong")
	require.Equal(t, http.StatusForbidden, code)
	require.Contains(t, text, "That is not the token")
	code, _ = send(strings.Repeat(token, 1000))
	require.Equal(t, http.StatusForbidden, code, "nor is what is too long to be one")

	code, text = send(token)
	require.Equal(t, http.StatusOK, code, "after a redirect, with the cookie")
	require.Contains(t, text, "Goroutines with state")
}

func TestTheTokenIsNotInThePage(t *testing.T) {
	defer visible.Set("v").Reset()
	page := serve(t, glsdebug.Visible(visible))
	for _, form := range forms {
		r := newRequest(t, "GET", page+form, "Authorization", "Bearer "+token)
		_, text := status(t, http.DefaultClient, r)
		require.NotContains(t, text, token)
	}
	_, text := status(t, http.DefaultClient, newRequest(t, "GET", page+"?token="+token))
	require.NotContains(t, text, token, "no link hands it on")
}

func TestTokenMustNotBeEmpty(t *testing.T) {
	defer func() {
		const text = `^glsdebug: token is empty: glsdebug\.Token called by goroutine \d+; leave the option out to have one made$`
		require.Regexp(t, text, recover().(error).Error())
	}()
	glsdebug.Token("")
}
