package glsdebug_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsdebug"
)

func TestLocal(t *testing.T) {
	for _, row := range []struct {
		name   string
		peer   string
		host   string
		header http.Header
		http10 bool
		want   bool
	}{
		{name: "IPv4", peer: "127.0.0.1:5", host: "127.0.0.1:80", want: true},
		{name: "IPv6", peer: "[::1]:5", host: "[::1]:80", want: true},
		{name: "IPv6 without port", peer: "[::1]:5", host: "[::1]", want: true},
		{name: "IPv4 in IPv6", peer: "[::ffff:127.0.0.1]:5", host: "localhost", want: true},
		{name: "localhost", peer: "127.0.0.1:5", host: "localhost:80", want: true},
		{name: "localhost with the dot that makes it absolute", peer: "127.0.0.1:5", host: "localhost.:80", want: true},
		{name: "upper case", peer: "127.0.0.1:5", host: "LOCALHOST", want: true},
		{name: "all of 127/8", peer: "127.9.9.9:5", host: "127.1.2.3", want: true},
		{name: "peer elsewhere", peer: "10.0.0.1:5", host: "localhost"},
		{name: "peer unknown", peer: "", host: "localhost"},
		{name: "Unix socket", peer: "@", host: "localhost"},
		{name: "DNS rebinding", peer: "127.0.0.1:5", host: "rebind.example:80"},
		{name: "name that begins like ours", peer: "127.0.0.1:5", host: "localhost.example"},
		{name: "name that ends like ours", peer: "127.0.0.1:5", host: "evil.localhost.example"},
		{name: "address as a label", peer: "127.0.0.1:5", host: "127.0.0.1.example"},
		{name: "no host", peer: "127.0.0.1:5", host: ""},
		{name: "unspecified address", peer: "127.0.0.1:5", host: "0.0.0.0:80"},
		{name: "Forwarded", peer: "127.0.0.1:5", host: "localhost", header: http.Header{"Forwarded": {"for=10.0.0.1"}}},
		{name: "X-Forwarded-For", peer: "127.0.0.1:5", host: "localhost", header: http.Header{"X-Forwarded-For": {"10.0.0.1"}}},
		{name: "empty X-Forwarded-Proto", peer: "127.0.0.1:5", host: "localhost", header: http.Header{"X-Forwarded-Proto": {""}}},
		{name: "spelled as nobody does", peer: "127.0.0.1:5", host: "localhost", header: http.Header{"x-fORWARDED-sERVER": {"a"}}},
		{name: "X-Real-Ip", peer: "127.0.0.1:5", host: "localhost", header: http.Header{"X-Real-Ip": {"10.0.0.1"}}},
		{name: "Via", peer: "127.0.0.1:5", host: "localhost", header: http.Header{"Via": {"1.1 proxy"}}},
		{name: "proxy of the old kind", peer: "127.0.0.1:5", host: "localhost", http10: true},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := httptest.NewRequest(http.MethodGet, "/debug/gls", nil)
			r.RemoteAddr, r.Host = row.peer, row.host
			if row.header != nil {
				r.Header = row.header
			}
			if row.http10 {
				r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.0", 1, 0
			}
			require.Equal(t, row.want, glsdebug.Local(r))
			w := httptest.NewRecorder()
			glsdebug.Handler(glsdebug.Auth(glsdebug.Local)).ServeHTTP(w, r)
			require.Equal(t, row.want, w.Code == http.StatusOK)
		})
	}
}

func TestForeign(t *testing.T) {
	for _, row := range []struct {
		name, method, site, mode, dest string
		want                           bool
	}{
		{name: "no browser", method: "GET"},
		{name: "typed address", method: "GET", site: "none", mode: "navigate", dest: "document"},
		{name: "live filter", method: "GET", site: "same-origin", mode: "cors", dest: "empty"},
		{name: "form of the page", method: "POST", site: "same-origin", mode: "navigate", dest: "document"},
		{name: "link on a wiki", method: "GET", site: "cross-site", mode: "navigate", dest: "document"},
		{name: "image elsewhere", method: "GET", site: "cross-site", mode: "no-cors", dest: "image", want: true},
		{name: "frame elsewhere", method: "GET", site: "cross-site", mode: "navigate", dest: "iframe", want: true},
		{name: "form elsewhere", method: "POST", site: "cross-site", mode: "navigate", dest: "document", want: true},
		{name: "form of another port", method: "POST", site: "same-site", mode: "navigate", dest: "document", want: true},
		{name: "fetch from another port", method: "GET", site: "same-site", mode: "cors", dest: "empty", want: true},
	} {
		t.Run(row.name, func(t *testing.T) {
			r := httptest.NewRequest(row.method, "/debug/gls", nil)
			for name, value := range map[string]string{"Sec-Fetch-Site": row.site, "Sec-Fetch-Mode": row.mode, "Sec-Fetch-Dest": row.dest} {
				if value != "" {
					r.Header.Set(name, value)
				}
			}
			require.Equal(t, row.want, glsdebug.Foreign(r))
			if row.want {
				w := httptest.NewRecorder()
				everybody := glsdebug.Auth(func(*http.Request) bool { return true })
				glsdebug.Handler(everybody).ServeHTTP(w, r)
				require.Equal(t, http.StatusForbidden, w.Code, "whatever Auth says")
			}
		})
	}
}

// TestRefusalSaysNothing checks that a refused client gets nothing of the page,
// in any format.
func TestRefusalSaysNothing(t *testing.T) {
	defer visible.Set("not for everybody").Reset()
	nobody := glsdebug.Auth(func(*http.Request) bool { return false })
	url := serve(t, glsdebug.Visible(visible), nobody)
	for _, query := range []string{"", "?format=json", "?format=text", "?format=prometheus", "?format=expvar", "?asset=style.css", "?stacks=grouped"} {
		resp, err := http.Get(url + query)
		require.NoError(t, err)
		body, err := io.ReadAll(resp.Body)
		resp.Body.Close()
		require.NoError(t, err)
		require.Equal(t, http.StatusForbidden, resp.StatusCode, query)
		require.NotContains(t, string(body), visible.Name())
		require.Less(t, len(body), 300)
	}
}

func TestAuthNeedsAFunction(t *testing.T) {
	defer func() {
		err, ok := recover().(error)
		require.True(t, ok)
		require.ErrorIs(t, err, gls.ErrNilFunc)
	}()
	glsdebug.Auth(nil)
}
