package glshttp

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"

	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// ErrHost reports that a string does not name a host. [AllowHosts] panics with an
// error that wraps it and has the reason.
var ErrHost = errors.New("glshttp: invalid host")

// A host is an allowed destination: the canonical name or address, and the port,
// "" for any.
type host struct{ name, port string }

// AllowHosts widens whom [Transport] tells: it sends variables to hosts too, each
// a name or an address, with or without a port: "api.internal",
// "api.internal:8443", "10.0.0.7", "2001:db8::1", "[2001:db8::1]:8443". Without a
// port every port is allowed.
//
// Names are compared whole and without regard to case: there are no wildcards
// and no lookups. A dot at the end is part of the name, because where search
// domains apply "api.dev" and "api.dev." are different hosts. Names beyond ASCII
// are written as xn--, here and in requests. Anything else, such as a URL,
// panics with [ErrHost].
//
// The host of the request's URL counts, and so does the Host header if it names
// another one: both must be allowed, because a gateway at the one may pass the
// request on to the other. A proxy on the way sees what it carries.
func AllowHosts(hosts ...string) TransportOption {
	allowed := make([]host, len(hosts))
	for i, s := range hosts {
		h, err := parseHost(s)
		if err != nil {
			panic(err)
		}
		allowed[i] = h
	}
	return transportOption(func(t *transport) {
		for _, h := range allowed {
			t.hosts[h] = true
		}
	})
}

// AllowFunc widens whom [Transport] tells: it sends variables also to the hosts
// for which allow returns true. name is a canonical IP address, or a name in lower
// case that consists of letters, digits, dots, hyphens and underscores. port is
// that of the URL, or its scheme's. allow is called on the goroutines that make
// requests, for the Host header too if it names another host. A nil allow panics
// with [gls.ErrNilFunc].
func AllowFunc(allow func(name, port string) bool) TransportOption {
	glsadapter.MustFunc("glshttp.AllowFunc", allow == nil)
	return transportOption(func(t *transport) { t.allow = allow })
}

// allowed reports whether variables may go to the peer of req, which must have a
// URL.
func (t *transport) allowed(req *http.Request) bool {
	// An opaque URL may have another host in the request line.
	if req.URL.Opaque != "" || !t.allows(req.URL) {
		return false
	}
	if req.Host == "" || req.Host == req.URL.Host {
		return true
	}
	// A Host header without a port means the port of the URL.
	virtual := url.URL{Scheme: req.URL.Scheme, Host: req.Host}
	if virtual.Port() == "" {
		virtual.Host = strings.TrimSuffix(virtual.Host, ":") + ":" + portOf(req.URL)
	}
	return t.allows(&virtual)
}

func (t *transport) allows(u *url.URL) bool {
	name, ok := canonical(u.Hostname())
	if !ok {
		return false
	}
	port := portOf(u)
	return glsadapter.OwnHost(name) || t.hosts[host{name, ""}] || t.hosts[host{name, port}] ||
		t.allow != nil && t.allow(name, port)
}

// portOf returns the port that a request for u goes to, "" if unknown.
func portOf(u *url.URL) string {
	if port := u.Port(); port != "" {
		return port
	}
	switch u.Scheme {
	case "http":
		return "80"
	case "https":
		return "443"
	}
	return ""
}

// canonical returns name in the form in which equal hosts have equal names. It
// reports false for names that are never allowed.
func canonical(name string) (string, bool) {
	if addr, err := netip.ParseAddr(name); err == nil {
		return addr.Unmap().String(), true
	}
	if name == "" || len(name) > 254 || name[0] == '.' || strings.Contains(name, "..") {
		return "", false
	}
	lower := []byte(name)
	for i, c := range lower {
		switch {
		case 'A' <= c && c <= 'Z':
			lower[i] = c + 'a' - 'A'
		case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '.', c == '_':
		default:
			return "", false
		}
	}
	return string(lower), true
}

// parseHost parses an argument of AllowHosts.
func parseHost(s string) (host, error) {
	if name, ok := canonical(s); ok {
		return host{name, ""}, nil
	}
	u := url.URL{Host: s}
	if strings.HasSuffix(s, "]") {
		name, ok := canonical(u.Hostname())
		if addr, err := netip.ParseAddr(name); ok && err == nil && addr.Is6() {
			return host{name, ""}, nil
		}
		return host{}, fmt.Errorf("%w %q: no IPv6 address in brackets", ErrHost, s)
	}
	name, ok := canonical(u.Hostname())
	if !ok {
		return host{}, fmt.Errorf("%w %q: want a name or an address, without scheme, user, path and wildcard", ErrHost, s)
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil || port == 0 || strconv.FormatUint(port, 10) != u.Port() {
		return host{}, fmt.Errorf("%w %q: want a port of 1 to 65535", ErrHost, s)
	}
	return host{name, u.Port()}, nil
}
