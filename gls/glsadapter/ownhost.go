package glsadapter

import (
	"net/netip"
	"strings"
)

// OwnHost reports whether host can only mean the machine that the program runs
// on. host is a name or an address, with or without a port: "localhost",
// "localhost:80", "127.0.0.1:80", "::1", "[::1]", "[::1]:80".
//
// The names are "localhost" and "localhost." in upper or lower case. RFC 6761
// reserves both. The dot makes the name absolute: resolvers do not try search
// domains for it, so it is the safer of the two. Names under localhost, such as
// app.localhost, are not accepted, because some resolvers ask a server for
// them.
//
// The addresses are the loopback addresses 127.0.0.0/8 and ::1, and those of
// IPv4 mapped to IPv6. Not accepted are other spellings that some systems
// allow, such as 127.1 or 0x7f000001, the unspecified addresses 0.0.0.0 and ::,
// and addresses with a zone. OwnHost does no lookups.
func OwnHost(host string) bool {
	name, ok := withoutPort(host)
	if !ok {
		return false
	}
	if lower(strings.TrimSuffix(name, ".")) == "localhost" {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.Zone() == "" && addr.Unmap().IsLoopback()
}

// lower returns s with ASCII letters in lower case. strings.EqualFold would not
// do: it takes U+017F, the long s, for an s.
func lower(s string) string {
	b := []byte(s)
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// withoutPort returns the name or address in host, without brackets. It reports
// whether host is well formed.
func withoutPort(host string) (name string, ok bool) {
	if _, err := netip.ParseAddr(host); err == nil {
		return host, true // an IPv6 address without brackets has colons of its own
	}
	port := ""
	if strings.HasPrefix(host, "[") {
		name, port, ok = strings.Cut(host[1:], "]")
		if !ok || !strings.Contains(name, ":") || port != "" && port[0] != ':' {
			return "", false
		}
		return name, isPort(strings.TrimPrefix(port, ":"))
	}
	name, port, _ = strings.Cut(host, ":")
	return name, isPort(port)
}

// isPort reports whether s may be a port: empty, a number, or the name of a
// service. Anything else after a colon may belong to a user name or a path.
func isPort(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '-':
		default:
			return false
		}
	}
	return true
}
