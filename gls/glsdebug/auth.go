package glsdebug

import (
	"net"
	"net/http"
	"net/netip"
	"strings"
)

// Local reports whether r comes straight from a program on this machine that
// knows whom it talks to. It is the default of [Auth], and all of these hold:
//
//   - The peer's address is a loopback address.
//   - The Host is localhost or a loopback address. A page of another site that
//     makes its own name resolve to 127.0.0.1 (DNS rebinding) has the browser
//     send that name.
//   - No header is there that proxies add: Forwarded, X-Forwarded-*, X-Real-Ip,
//     Via. Behind a proxy on the same machine everybody comes from loopback.
//   - The protocol is HTTP/1.1 or newer, which no browser undercuts, but which
//     proxies that add no header by default did for long.
//
// A proxy that adds none of them, speaks HTTP/1.1 and calls the service by its
// loopback address cannot be told from a browser: behind one, use [Auth].
func Local(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && peer.Addr().Unmap().IsLoopback() &&
		loopbackHost(r.Host) && !forwarded(r.Header) && r.ProtoAtLeast(1, 1)
}

// loopbackHost reports whether host, which may have a port, can only mean this
// machine.
func loopbackHost(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	} else if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		name = host[1 : len(host)-1]
	}
	if strings.EqualFold(name, "localhost") {
		return true
	}
	addr, err := netip.ParseAddr(name)
	return err == nil && addr.Unmap().IsLoopback()
}

// forwarded reports whether header has a field that proxies add.
func forwarded(header http.Header) bool {
	for name := range header {
		switch name := strings.ToLower(name); {
		case strings.HasPrefix(name, "x-forwarded"), name == "forwarded", name == "x-real-ip", name == "via":
			return true
		}
	}
	return false
}

// foreign reports whether a browser says that another site is behind r, unless
// r only navigates to the page: its answer is then shown to the user, never to
// that site. Clients that are no browsers say nothing.
func foreign(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site": // another port of localhost is the same site
		return !safe(r) || r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document"
	default:
		return false
	}
}

// safe reports whether the method of r promises to change nothing.
func safe(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }
