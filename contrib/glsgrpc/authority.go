package glsgrpc

import (
	"net"
	"net/url"
	"strings"

	"google.golang.org/grpc"

	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// gRPC names two peers: the target that a connection was made for, and the
// :authority of each call, by which sidecars and gateways route. The second is
// often the first, but grpc.WithAuthority, the server name of credentials, the
// resolver and grpc.CallAuthority may change it, and no interceptor can ask
// what it will be. Per-RPC credentials are told: it is the host of their uri.

// allowedTarget reports whether the target of cc may be told.
func (c *client) allowedTarget(cc *grpc.ClientConn) bool {
	target := cc.CanonicalTarget()
	return ownTarget(target) || c.targets[target] || c.targets[cc.Target()] || c.allow != nil && c.allow(target)
}

// allowedAuthority reports whether a call with this authority may be told, over
// a connection whose target may be.
func (c *client) allowedAuthority(cc *grpc.ClientConn, authority string) bool {
	if glsadapter.OwnHost(authority) {
		return true
	}
	target := cc.CanonicalTarget()
	endpoint := endpointOf(target)
	if sameHost(authority, endpoint) {
		return true
	}
	// A virtual host must be allowed like a target, with the port that is
	// dialled if it has none.
	virtual := authority
	if _, _, err := net.SplitHostPort(authority); err != nil {
		if _, port, err := net.SplitHostPort(endpoint); err == nil {
			virtual = net.JoinHostPort(strings.Trim(authority, "[]"), port)
		}
	}
	return c.targets[authority] || c.targets[virtual] || c.targets["dns:///"+virtual] ||
		c.allow != nil && c.allow("dns:///"+virtual)
}

// sameHost reports whether authority is what gRPC makes of endpoint by itself,
// or the name in endpoint without its port, which is what credentials have.
func sameHost(authority, endpoint string) bool {
	if plain, err := url.PathUnescape(authority); err == nil && plain == strings.TrimSuffix(endpoint, ":443") {
		return true
	}
	name, _, err := net.SplitHostPort(endpoint)
	return err == nil && name != "" && strings.EqualFold(name, strings.Trim(authority, "[]"))
}

// endpointOf returns the part of the canonical target that its resolver
// resolves.
func endpointOf(target string) string {
	u, err := url.Parse(target)
	if err != nil {
		return ""
	}
	if u.Path == "" {
		return u.Opaque
	}
	return strings.TrimPrefix(u.Path, "/")
}

// ownTarget reports whether the canonical target is on this machine by
// definition. A target with an authority of its own is resolved by the server
// which that names.
func ownTarget(target string) bool {
	u, err := url.Parse(target)
	if err != nil || u.Host != "" {
		return false
	}
	switch u.Scheme {
	case "unix", "unix-abstract":
		return true
	case "dns", "passthrough":
		return glsadapter.OwnHost(endpointOf(target))
	}
	return false
}

// authorityOf returns the authority in the uri that gRPC gives to per-RPC
// credentials for a call of method: https, the authority without the port 443,
// and the service. It reports false if uri is not of that form.
func authorityOf(uri, method string) (authority string, ok bool) {
	rest, ok := strings.CutPrefix(uri, "https://")
	if !ok {
		return "", false
	}
	service := method
	if slash := strings.LastIndexByte(method, '/'); slash >= 0 {
		service = method[:slash]
	}
	authority, ok = strings.CutSuffix(rest, service)
	return authority, ok && authority != ""
}
