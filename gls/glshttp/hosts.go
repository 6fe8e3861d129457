package glshttp

import (
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// ErrHost is that a string does not name a host. [AllowHosts] panics with it,
// wrapped in the reason.
var ErrHost = errors.New("glshttp: invalid host")

// A host is a peer that may be told: the canonical name or address, and the
// port, "" for any.
type host struct{ name, port string }

// AllowHosts has [Transport] send variables to hosts, each a name or an address,
// with or without a port: "api.internal", "api.internal:8443", "10.0.0.7",
// "2001:db8::1", "[2001:db8::1]:8443". Without a port every port is allowed.
//
// Names are compared whole and without regard to case: there are no wildcards
// and no look-ups. A dot at the end is part of the name, because where search
// domains apply "api.dev" and "api.dev." are different hosts. Names beyond ASCII
// stand here and in requests as xn--. Anything else, such as a URL, panics with
// [ErrHost].
//
// It is the host of the request's URL that counts, and the Host header if that
// names another: both must be allowed, because a gateway at the one may pass
// the request on to the other. A proxy on the way sees what it carries.
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

// AllowFunc has [Transport] send variables to the hosts for which allow returns
// true, in addition to the others. name is a canonical IP address or a name in
// lower case, of nothing but letters, digits, dots, hyphens and underscores; port
// is that of the URL, or its scheme's. allow is called by the goroutines that
// make requests, for the Host header too if that names another host. A nil allow
// panics with [gls.ErrNilFunc].
func AllowFunc(allow func(name, port string) bool) TransportOption {
	mustFunc("AllowFunc", allow == nil)
	return transportOption(func(t *transport) { t.allow = allow })
}

// allowed reports whether the peer of req, which must have a URL, may be told.
func (t *transport) allowed(req *http.Request) bool {
	// An opaque URL may have another host in the request line.
	if len(t.vars) == 0 || req.URL.Opaque != "" || !t.allows(req.URL) {
		return false
	}
	if req.Host == "" || req.Host == req.URL.Host {
		return true
	}
	// Where the Host header has no port, it is the URL's that is meant.
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
	return isLoopback(name) || t.hosts[host{name, ""}] || t.hosts[host{name, port}] ||
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

// isLoopback reports whether the canonical name is the own host's by
// definition. Names under localhost are not: not every resolver has them so.
func isLoopback(name string) bool {
	if name == "localhost" || name == "localhost." {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.IsLoopback()
}

// canonical returns the form of a host name in which equal ones are equal, and
// reports whether it is one that is compared at all.
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
