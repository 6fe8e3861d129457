package glsdebug

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// Local reports whether r seems to come directly from a program on this
// machine. It is for [Auth]: with Auth(Local), the page asks for no token.
// Local returns true if all of these hold:
//
//   - The peer's address is a loopback address.
//   - The Host is one that [glsadapter.OwnHost] accepts. If a page of another
//     site makes its own name resolve to 127.0.0.1 (DNS rebinding), the browser
//     sends that name.
//   - There is no header that proxies add: Forwarded, X-Forwarded-*, X-Real-Ip,
//     Via. Behind a proxy on the same machine, all requests come from a
//     loopback address.
//   - The protocol is HTTP/1.1 or newer, as in all browsers. Some proxies use
//     HTTP/1.0.
//
// Local trusts every other proxy and tunnel on the machine to keep out those
// who must not see the page, because no rule about addresses and headers can
// recognise them. These let strangers in:
//
//   - [net/http/httputil.ReverseProxy] with a Rewrite that calls SetURL and not
//     SetXForwarded. It sends the page's own Host.
//   - nginx with "proxy_http_version 1.1", as for web sockets, unless it adds
//     one of those headers. It sends the page's own Host.
//   - HAProxy without "option forwardfor", in mode http or tcp, and any other
//     proxy for TCP, such as stunnel, socat and Docker's, if the client claims
//     that the Host is localhost, which anyone can.
//   - The far end of "ssh -R", likewise.
func Local(r *http.Request) bool {
	peer, err := netip.ParseAddrPort(r.RemoteAddr)
	return err == nil && peer.Addr().Unmap().IsLoopback() &&
		glsadapter.OwnHost(r.Host) && !forwarded(r.Header) && r.ProtoAtLeast(1, 1)
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

// foreign reports whether, according to the browser, another site caused r,
// unless r only navigates to the page: the response is then shown to the user
// and never to that site. Clients that are not browsers send no such headers.
func foreign(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "cross-site", "same-site": // another port of localhost is the same site
		return !safe(r) || r.Header.Get("Sec-Fetch-Mode") != "navigate" || r.Header.Get("Sec-Fetch-Dest") != "document"
	default:
		return false
	}
}

// safe reports whether the method of r is one that changes nothing.
func safe(r *http.Request) bool { return r.Method == http.MethodGet || r.Method == http.MethodHead }
