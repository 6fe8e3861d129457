package glsadapter

import (
	"errors"
	"fmt"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
)

// ErrHost reports that a string does not name a host. [MustHosts] panics with
// an error that wraps it and gives the reason.
var ErrHost = errors.New("gls: invalid host")

// A Host is an HTTP server that variables may be sent to. Create it with
// [MustHosts].
type Host struct {
	name string // in canonical form
	port string // "" for any
}

// Destinations decides which HTTP servers variables may be sent to. The zero
// Destinations allows what [OwnHost] accepts and nothing else. It must not be
// copied once it allows more, nor changed once it is in use.
type Destinations struct {
	hosts map[Host]bool
	allow func(name, port string) bool
}

// Allow adds hosts to d.
func (d *Destinations) Allow(hosts ...Host) {
	if d.hosts == nil {
		d.hosts = make(map[Host]bool)
	}
	for _, h := range hosts {
		d.hosts[h] = true
	}
}

// AllowFunc adds the hosts for which allow returns true to d. It replaces the
// function of an earlier call. name is a canonical IP address, or a name in
// lower case that consists of letters, digits, dots, hyphens and underscores.
// port is the port of the URL or, if the URL has none, the default port of its
// scheme.
func (d *Destinations) AllowFunc(allow func(name, port string) bool) { d.allow = allow }

// Allowed reports whether variables may be sent with a request for u that has
// the given Host header, which may be empty. If the header names another server
// than u, both must be allowed, because a gateway at one may pass the request
// on to the other.
func (d *Destinations) Allowed(u *url.URL, header string) bool {
	// An opaque URL may have another host in the request line.
	if u.Opaque != "" || !d.allows(u) {
		return false
	}
	if header == "" || header == u.Host {
		return true
	}
	// A Host header without a port means the port of the URL.
	virtual := url.URL{Scheme: u.Scheme, Host: header}
	if virtual.Port() == "" {
		virtual.Host = strings.TrimSuffix(virtual.Host, ":") + ":" + portOf(u)
	}
	return d.allows(&virtual)
}

func (d *Destinations) allows(u *url.URL) bool {
	name, ok := canonical(u.Hostname())
	if !ok {
		return false
	}
	port := portOf(u)
	return OwnHost(name) || d.hosts[Host{name, ""}] || d.hosts[Host{name, port}] ||
		d.allow != nil && d.allow(name, port)
}

// portOf returns the port that a request for u goes to, or "" if that is
// unknown.
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

// MustHosts returns the hosts with these names or addresses, each with or
// without a port: "api.internal", "api.internal:8443", "10.0.0.7",
// "2001:db8::1", "[2001:db8::1]:8443". Without a port, every port is meant. It
// panics with [ErrHost] if it is given anything else, such as a URL or a
// wildcard.
func MustHosts(names ...string) []Host {
	hosts := make([]Host, len(names))
	for i, s := range names {
		h, err := parseHost(s)
		if err != nil {
			panic(err)
		}
		hosts[i] = h
	}
	return hosts
}

// parseHost parses an argument of MustHosts.
func parseHost(s string) (Host, error) {
	if name, ok := canonical(s); ok {
		return Host{name, ""}, nil
	}
	u := url.URL{Host: s}
	if strings.HasSuffix(s, "]") {
		name, ok := canonical(u.Hostname())
		if addr, err := netip.ParseAddr(name); ok && err == nil && addr.Is6() {
			return Host{name, ""}, nil
		}
		return Host{}, fmt.Errorf("%w %q: no IPv6 address in brackets", ErrHost, s)
	}
	name, ok := canonical(u.Hostname())
	if !ok {
		return Host{}, fmt.Errorf("%w %q: want a name or an address, without scheme, user, path and wildcard", ErrHost, s)
	}
	port, err := strconv.ParseUint(u.Port(), 10, 16)
	if err != nil || port == 0 || strconv.FormatUint(port, 10) != u.Port() {
		return Host{}, fmt.Errorf("%w %q: want a port of 1 to 65535", ErrHost, s)
	}
	return Host{name, u.Port()}, nil
}

// canonical returns the canonical form of name, in which equal hosts have equal
// names. It reports false for names that are never allowed.
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
