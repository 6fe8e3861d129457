package glshttp

import "github.com/seed18162548/contextvars/gls/glsadapter"

// ErrHost reports that a string does not name a host. [AllowHosts] panics with
// an error that wraps it and gives the reason.
var ErrHost = glsadapter.ErrHost

// AllowHosts adds hosts that [Transport] sends variables to. Each is a name or
// an address, with or without a port: "api.internal", "api.internal:8443",
// "10.0.0.7", "2001:db8::1", "[2001:db8::1]:8443". Without a port, every port
// is allowed.
//
// Names are compared as a whole, regardless of case; there are no wildcards and
// no lookups. A dot at the end is part of the name, because "api.dev" and
// "api.dev." are different hosts where search domains apply. Names with
// characters outside ASCII must be in the form xn--…, here and in requests.
// AllowHosts panics with [ErrHost] if it is given anything else, such as a URL.
//
// If the Host header of a request names another host than its URL, both must be
// allowed, because a gateway at one may pass the request on to the other. A
// proxy on the way sees the variables.
func AllowHosts(hosts ...string) TransportOption {
	allowed := glsadapter.MustHosts(hosts...)
	return transportOption(func(t *transport) { t.told.Allow(allowed...) })
}

// AllowFunc makes [Transport] also send variables to the hosts for which allow
// returns true. name is a canonical IP address, or a name in lower case that
// consists of letters, digits, dots, hyphens and underscores. port is the port
// of the URL or, if the URL has none, the default port of its scheme. allow is
// called on the goroutines that make requests, and once more for the Host
// header if that names another host. AllowFunc panics with [gls.ErrNilFunc] if
// allow is nil.
func AllowFunc(allow func(name, port string) bool) TransportOption {
	glsadapter.MustFunc("glshttp.AllowFunc", allow == nil)
	return transportOption(func(t *transport) { t.told.AllowFunc(allow) })
}
