package glshttp_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls/glshttp"
)

// told reports whether a request for u is sent with what is bound.
func told(t *testing.T, u *url.URL, hostHeader string, opts ...glshttp.TransportOption) bool {
	t.Helper()
	defer user.Set("ann").Reset()
	next := &recorder{}
	_, err := glshttp.Transport(next, append(opts, exported)...).RoundTrip(&http.Request{URL: u, Header: http.Header{}, Host: hostHeader})
	require.Same(t, errRecorded, err)
	return next.got.Header.Get("baggage") != ""
}

func TestAllowedHosts(t *testing.T) {
	allowed := []string{"api.internal", "db.internal:8443", "Mixed.Case", "10.0.0.7", "2001:db8::1", "[2001:db8::2]", "[2001:db8::3]:8443", "with.dot.", "under_score"}
	for _, tt := range []struct {
		url  string
		want bool
	}{
		{"http://localhost/", true},
		{"http://LocalHost:8080/", true},
		{"http://localhost./", true},
		{"http://127.0.0.1:1234/", true},
		{"http://127.255.0.1/", true},
		{"http://[::1]/", true},
		{"http://[::1]:8080/", true},
		{"http://[0:0:0:0:0:0:0:1]/", true},
		{"http://[::ffff:127.0.0.1]/", true},
		{"http://user:password@localhost/", true},
		{"https://localhost/", true},

		{"http://evil.localhost/", false},
		{"http://localhost.evil.test/", false},
		{"http://localhost@evil.test/", false},
		{"http://localhost:80@evil.test/", false},
		{"http://evil.test/localhost", false},
		{"http://evil.test?localhost", false},
		{"http://evil.test#@localhost/", false},
		{"http://127.0.0.1.evil.test/", false},
		{"http://127.0.0.1./", false},
		{"http://127.1/", false},
		{"http://2130706433/", false},
		{"http://0x7f000001/", false},
		{"http://0177.0.0.1/", false},
		{"http://0.0.0.0/", false},
		{"http://[::]/", false},
		{"http://128.0.0.1/", false},
		{"http:///", false},
		{"http://lo\u212aalhost/", false},
		{"http://ｌocalhost/", false},

		{"http://api.internal/", true},
		{"http://api.internal:9/", true},
		{"http://api.internal:/", true},
		{"https://API.Internal/", true},
		{"http://mixed.case/", true},
		{"http://under_score/", true},
		{"http://api.internal./", false},
		{"http://with.dot./", true},
		{"http://with.dot/", false},
		{"http://api.internal.evil.test/", false},
		{"http://xapi.internal/", false},
		{"http://x.api.internal/", false},
		{"http://api-internal/", false},
		{"http://api.internal@evil.test/", false},
		{"http://evil.test:80/@api.internal/", false},

		{"https://db.internal:8443/", true},
		{"https://db.internal/", false},
		{"https://db.internal:84430/", false},
		{"https://db.internal:08443/", false},

		{"http://10.0.0.7/", true},
		{"http://10.0.0.7:81/", true},
		{"http://[::ffff:10.0.0.7]/", true},
		{"http://10.0.0.70/", false},
		{"http://[2001:db8::1]/", true},
		{"http://[2001:DB8:0::1]:99/", true},
		{"http://[2001:db8::2]:99/", true},
		{"http://[2001:db8::3]:8443/", true},
		{"http://[2001:db8::3]/", false},
		{"http://[2001:db8::1%25eth0]/", false},
		{"http://[2001:db8::11]/", false},
	} {
		t.Run(tt.url, func(t *testing.T) {
			u, err := url.Parse(tt.url)
			require.NoError(t, err)
			require.Equal(t, tt.want, told(t, u, "", glshttp.AllowHosts(allowed...)))
		})
	}
}

func TestDefaultPort(t *testing.T) {
	for scheme, port := range map[string]string{"http": "80", "https": "443"} {
		u := &url.URL{Scheme: scheme, Host: "api.internal"}
		require.True(t, told(t, u, "", glshttp.AllowHosts("api.internal:"+port)))
		require.False(t, told(t, u, "", glshttp.AllowHosts("api.internal:81")))
	}
	require.False(t, told(t, &url.URL{Scheme: "gopher", Host: "api.internal"}, "", glshttp.AllowHosts("api.internal:80")))
}

// URLs that no parser returns, but programs can make.
func TestHandmadeURLs(t *testing.T) {
	for name, u := range map[string]*url.URL{
		"user in host":    {Scheme: "http", Host: "localhost@evil.test"},
		"path in host":    {Scheme: "http", Host: "evil.test/localhost"},
		"two ports":       {Scheme: "http", Host: "evil.test:80:localhost"},
		"space":           {Scheme: "http", Host: "localhost evil.test"},
		"CRLF":            {Scheme: "http", Host: "localhost\r\nX: y"},
		"NUL":             {Scheme: "http", Host: "localhost\x00.evil.test"},
		"opaque absolute": {Scheme: "http", Host: "localhost", Opaque: "//evil.test/"},
		"no host":         {Scheme: "http", Path: "//localhost/"},
		"two dots":        {Scheme: "http", Host: "localhost.."},
		"leading dot":     {Scheme: "http", Host: ".localhost"},
		"overlong":        {Scheme: "http", Host: strings.Repeat("a", 255)},
	} {
		require.False(t, told(t, u, "", glshttp.AllowFunc(func(host, _ string) bool { return strings.Contains(host, "evil") })), name)
	}
}

// A gateway may route by the Host header: both must be allowed.
func TestHostHeader(t *testing.T) {
	local := &url.URL{Scheme: "http", Host: "127.0.0.1:8080"}
	for host, want := range map[string]bool{
		"":                    true,
		"127.0.0.1:8080":      true,
		"localhost":           true,
		"api.internal":        true,
		"API.internal:9":      true,
		"only.port:8080":      true,
		"only.port":           true, // the URL's port
		"only.port:":          true,
		"only.port:81":        false,
		"evil.test":           false,
		"evil.test:8080":      false,
		"api.internal, evil":  false,
		"api.internal@evil":   false,
		"evil.test\r\nHost: ": false,
	} {
		require.Equal(t, want, told(t, local, host, glshttp.AllowHosts("api.internal", "only.port:8080")), "%q", host)
	}
	require.False(t, told(t, &url.URL{Scheme: "http", Host: "evil.test"}, "localhost"), "the URL is where it goes")
}

func TestAllowFunc(t *testing.T) {
	var asked []string
	allow := glshttp.AllowFunc(func(host, port string) bool {
		asked = append(asked, host+" "+port)
		return strings.HasSuffix(host, ".svc")
	})
	require.True(t, told(t, &url.URL{Scheme: "https", Host: "A.SVC"}, "", allow))
	require.False(t, told(t, &url.URL{Scheme: "http", Host: "a.svc.evil:81"}, "", allow))
	require.True(t, told(t, &url.URL{Scheme: "http", Host: "[::ffff:127.0.0.1]:1"}, "", allow))
	require.Equal(t, []string{"a.svc 443", "a.svc.evil 81"}, asked)
}

func TestAllowHostsPanicsOnWhatIsNoHost(t *testing.T) {
	for _, s := range []string{
		"", " ", ":", ":80", "http://a", "a/b", "a:b", "a:0", "a:65536", "a:080", "a:", "*.a", "*", "a b", "u@a", "bücher.example",
		"[a]", "[::1", "::1]", "[]", "[::1]:", "[10.0.0.1]", ".a", "a..b", "a\r\n", "a,b", strings.Repeat("a", 255),
	} {
		func() {
			defer func() {
				err, _ := recover().(error)
				require.ErrorIs(t, err, glshttp.ErrHost, "%q", s)
			}()
			glshttp.AllowHosts("fine", s)
		}()
	}
}

// Whatever the URL, net/http connects to an allowed address if we say so.
func FuzzAllowedIsWhereItConnects(f *testing.F) {
	for _, s := range []string{
		"localhost", "LOCALHOST:80", "localhost.", "evil.test", "a@localhost", "localhost@evil.test", "[::1]:8080", "127.0.0.1", "127.1",
		"ｌocalhost", "api.internal", "api.internal:1:2", "[::ffff:7f00:1]", "api.internal%2eevil.test", "[::1%25lo]", "api\u3002internal",
	} {
		f.Add(s, "")
		f.Add("localhost", s)
	}
	errDialed := errors.New("dialed")
	f.Fuzz(func(t *testing.T, hostPart, opaque string) {
		u, err := url.Parse("http://" + hostPart + "/")
		if err != nil {
			u = &url.URL{Scheme: "http", Host: hostPart, Opaque: opaque, Path: "/"}
		}
		if !told(t, u, "", glshttp.AllowHosts("api.internal")) {
			return
		}
		dialed := ""
		transport := &http.Transport{DialContext: func(_ context.Context, _, addr string) (net.Conn, error) {
			dialed = addr
			return nil, errDialed
		}}
		_, err = transport.RoundTrip(&http.Request{URL: u, Header: http.Header{}})
		if !errors.Is(err, errDialed) {
			return // refused by net/http: nobody is told
		}
		name, _, err := net.SplitHostPort(dialed)
		if err != nil {
			t.Fatal(err)
		}
		if addr, err := netip.ParseAddr(name); err == nil && addr.Unmap().IsLoopback() {
			return
		}
		switch strings.ToLower(name) {
		case "localhost", "localhost.", "api.internal":
		default:
			t.Fatalf("%q is allowed, and connects to %q", u, dialed)
		}
	})
}
