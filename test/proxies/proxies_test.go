//go:build gls_servers

package proxies

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsdebug"
)

var user = gls.New[string]("user")

const (
	secret = "ann-the-secret"
	token  = "of-the-tests"
	path   = "/debug/gls"
)

// nginx is a configuration of nginx that passes everything on to the server at
// the second address, with the directives of the third.
func nginx(listen, to, directives string) string {
	return fmt.Sprintf(`
pid nginx.pid; error_log error.log; daemon off; master_process off;
events {}
http {
	access_log off;
	client_body_temp_path a; proxy_temp_path b; fastcgi_temp_path c; uwsgi_temp_path d; scgi_temp_path e;
	server { listen %s; location / { proxy_pass http://%s; %s } }
}
`, listen, to, directives)
}

// haproxy is a configuration of HAProxy in a mode, with an option for it.
func haproxy(listen, to, mode, option string) string {
	return fmt.Sprintf(`
defaults
	mode %s
	%s
	timeout connect 5s
	timeout client 50s
	timeout server 50s
frontend f
	bind %s
	default_backend b
backend b
	server s %s
`, mode, option, listen, to)
}

const webSockets = `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade";`

// proxies are what is in front of the page.
var proxies = []struct {
	name    string
	command []string // before the name of the configuration's file
	config  func(listen, to string) string
}{
	{"nginx", []string{"nginx", "-e", "stderr", "-p", ".", "-c"}, func(listen, to string) string { return nginx(listen, to, "") }},
	{"nginx for web sockets", []string{"nginx", "-e", "stderr", "-p", ".", "-c"}, func(listen, to string) string { return nginx(listen, to, webSockets) }},
	{"nginx with the client's Host", []string{"nginx", "-e", "stderr", "-p", ".", "-c"}, func(listen, to string) string {
		return nginx(listen, to, `proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $http_host;`)
	}},
	{"HAProxy", []string{"haproxy", "-f"}, func(listen, to string) string { return haproxy(listen, to, "http", "") }},
	{"HAProxy with forwardfor", []string{"haproxy", "-f"}, func(listen, to string) string { return haproxy(listen, to, "http", "option forwardfor") }},
	{"HAProxy for TCP", []string{"haproxy", "-f"}, func(listen, to string) string { return haproxy(listen, to, "tcp", "") }},
}

// TestRealProxies: a stranger behind a proxy on the machine of the page sees
// nothing of it in any form, whatever Host he claims. A client that has the
// token does.
func TestRealProxies(t *testing.T) {
	defer user.Set(secret).Reset()
	page := servePage(t, glsdebug.Token(token))
	for _, p := range proxies {
		t.Run(p.name, func(t *testing.T) {
			address := startProxy(t, p.command, func(listen string) string { return p.config(listen, page) })
			for _, host := range []string{"", "www.public.example", "localhost", "127.0.0.1:80", page} {
				for _, form := range []string{"", "?format=json", "?format=text", "?format=prometheus", "?format=expvar", "?asset=style.css", "?stacks=grouped"} {
					code, text := get(t, address+path+form, host, "")
					require.Equal(t, http.StatusForbidden, code, "Host %q, %s", host, form)
					require.NotContains(t, text, secret)
				}
			}
			code, text := get(t, address+path, "www.public.example", token)
			require.Equal(t, http.StatusOK, code)
			require.Contains(t, text, secret)
		})
	}
}

// TestLocalTrustsRealProxies pins what the documentation of glsdebug.Local
// warns of: which of these proxies a stranger gets through if Local is chosen.
func TestLocalTrustsRealProxies(t *testing.T) {
	defer user.Set(secret).Reset()
	page := servePage(t, glsdebug.Auth(glsdebug.Local))
	through := map[string]bool{
		"nginx for web sockets":        true, // with its own Host, whatever the client's
		"nginx with the client's Host": true,
		"HAProxy":                      true,
		"HAProxy for TCP":              true,
	}
	for _, p := range proxies {
		t.Run(p.name, func(t *testing.T) {
			address := startProxy(t, p.command, func(listen string) string { return p.config(listen, page) })
			code, text := get(t, address+path, "localhost", "")
			require.Equal(t, through[p.name], code == http.StatusOK, "%d", code)
			require.Equal(t, through[p.name], bytes.Contains([]byte(text), []byte(secret)))
		})
	}
}

// servePage serves the page and returns its host and port.
func servePage(t *testing.T, opts ...glsdebug.Option) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.Handle(path, glsdebug.Handler(append(opts, glsdebug.Visible(user))...))
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.Listener.Addr().String()
}

// get returns the status and the text of the page at url, asked for with a Host
// and a token, if they are not empty.
func get(t *testing.T, url, host, token string) (int, string) {
	t.Helper()
	r, err := http.NewRequest(http.MethodGet, url, nil)
	require.NoError(t, err)
	r.Host = host
	if token != "" {
		r.Header.Set("Authorization", "Bearer "+token)
	}
	resp, err := http.DefaultClient.Do(r)
	require.NoError(t, err)
	defer resp.Body.Close()
	b, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp.StatusCode, string(b)
}

// startProxy starts a proxy in a directory of its own and returns its address
// once it answers.
func startProxy(t *testing.T, command []string, config func(listen string) string) (address string) {
	t.Helper()
	dir := t.TempDir()
	listen := freeAddress(t)
	file := filepath.Join(dir, "config")
	require.NoError(t, os.WriteFile(file, []byte(config(listen)), 0o600))
	cmd := exec.Command(command[0], append(command[1:len(command):len(command)], file)...)
	cmd.Dir = dir
	var log bytes.Buffer
	cmd.Stdout, cmd.Stderr = &log, &log
	require.NoError(t, cmd.Start(), "is it installed?")
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		_ = cmd.Process.Kill()
		<-ended
	})
	require.Eventually(t, func() bool {
		c, err := net.Dial("tcp", listen)
		if err == nil {
			c.Close()
		}
		return err == nil || len(ended) > 0
	}, time.Minute, 5*time.Millisecond)
	require.Empty(t, ended, "%s", &log)
	return "http://" + listen
}

// freeAddress returns an address of this machine on which nothing listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	return l.Addr().String()
}
