package glshttp

import "github.com/seed18162548/contextvars/gls/glsadapter"

// ErrHost reports that a string does not name a host. [AllowHosts] panics with
// an error that wraps it and has the reason.
var ErrHost = glsadapter.ErrHost

// AllowHosts widens whom [Transport] tells: it sends variables to hosts too,
// each a name or an address, with or without a port: "api.internal",
// "api.internal:8443", "10.0.0.7", "2001:db8::1", "[2001:db8::1]:8443". Without
// a port every port is allowed.
//
// Names are compared whole and without regard to case: there are no wildcards
// and no lookups. A dot at the end is part of the name, because where search
// domains apply "api.dev" and "api.dev." are different hosts. Names beyond
// ASCII are written as xn--, here and in requests. Anything else, such as a
// URL, panics with [ErrHost].
//
// The host of the request's URL counts, and so does the Host header if it names
// another one: both must be allowed, because a gateway at the one may pass the
// request on to the other. A proxy on the way sees what it carries.
func AllowHosts(hosts ...string) TransportOption {
	allowed := glsadapter.MustHosts(hosts...)
	return transportOption(func(t *transport) { t.told.Allow(allowed...) })
}

// AllowFunc widens whom [Transport] tells: it sends variables also to the hosts
// for which allow returns true. name is a canonical IP address, or a name in
// lower case that consists of letters, digits, dots, hyphens and underscores.
// port is that of the URL, or its scheme's. allow is called on the goroutines
// that make requests, for the Host header too if it names another host. A nil
// allow panics with [gls.ErrNilFunc].
func AllowFunc(allow func(name, port string) bool) TransportOption {
	glsadapter.MustFunc("glshttp.AllowFunc", allow == nil)
	return transportOption(func(t *transport) { t.told.AllowFunc(allow) })
}
