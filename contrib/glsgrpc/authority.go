package glsgrpc

import (
	"net"
	"net/url"
	"strings"

	"google.golang.org/grpc"

	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// gRPC names two peers: the target that a connection was made for, and the
// :authority of each call, by which sidecars and gateways route. The two are
// often the same, but grpc.WithAuthority, the server name of credentials, the
// resolver and grpc.CallAuthority may change the second, and no interceptor can
// find out what it will be. Per-RPC credentials can: it is the host of their
// uri.

// allowedTarget reports whether variables may be sent to the target of cc.
func (c *client) allowedTarget(cc *grpc.ClientConn) bool {
	target := cc.CanonicalTarget()
	return ownTarget(target) || c.targets[target] || c.targets[cc.Target()] || c.allow != nil && c.allow(target)
}

// allowedAuthority reports whether variables may be sent with a call with this
// authority, over a connection whose target is allowed.
func (c *client) allowedAuthority(cc *grpc.ClientConn, authority string) bool {
	if glsadapter.OwnHost(authority) {
		return true
	}
	target := cc.CanonicalTarget()
	endpoint := endpointOf(target)
	if sameHost(authority, endpoint) {
		return true
	}
	// A virtual host must be allowed like a target. If it has no port, the port
	// that is dialled counts.
	virtual := authority
	if _, _, err := net.SplitHostPort(authority); err != nil {
		if _, port, err := net.SplitHostPort(endpoint); err == nil {
			virtual = net.JoinHostPort(strings.Trim(authority, "[]"), port)
		}
	}
	return c.targets[authority] || c.targets[virtual] || c.targets["dns:///"+virtual] ||
		c.allow != nil && c.allow("dns:///"+virtual)
}

// sameHost reports whether authority is the one that gRPC derives from
// endpoint, or the name in endpoint without its port, which is the server name
// of credentials.
func sameHost(authority, endpoint string) bool {
	if plain, err := url.PathUnescape(authority); err == nil && plain == strings.TrimSuffix(endpoint, ":443") {
		return true
	}
	name, _, err := net.SplitHostPort(endpoint)
	return err == nil && name != "" && strings.EqualFold(name, strings.Trim(authority, "[]"))
}

// endpointOf returns the part of a canonical target that its resolver resolves.
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

// ownTarget reports whether the canonical target is by definition on this
// machine. It is not if it has an authority, which names the server that
// resolves it.
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

// authorityOf returns the authority in the uri that gRPC passes to per-RPC
// credentials for a call of method. The uri consists of https, the authority
// without the port 443, and the service; authorityOf reports false if it does
// not.
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
