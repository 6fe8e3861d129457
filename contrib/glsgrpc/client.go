package glsgrpc

import (
	"context"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/seed18162548/contextvars/gls/glsexport"
)

// A ClientOption configures [UnaryClient] and [StreamClient].
type ClientOption interface{ applyClient(*client) }

type clientOption func(*client)

func (o clientOption) applyClient(c *client) { o(c) }

// AllowTargets has variables sent to targets, each as it was given to
// grpc.NewClient, or in canonical form: "api.internal:443" and
// "dns:///api.internal:443" are the same to gRPC, and either is allowed by the
// second. They are compared whole: there are no wildcards.
func AllowTargets(targets ...string) ClientOption {
	return clientOption(func(c *client) { c.targets = append(c.targets, targets...) })
}

// AllowFunc has variables sent to the targets for which allow returns true, in
// addition to the others. target is in canonical form, such as
// "dns:///api.internal:443". allow is called by the goroutines that make calls.
// A nil allow panics with [gls.ErrNilFunc].
func AllowFunc(allow func(target string) bool) ClientOption {
	mustFunc("AllowFunc", allow == nil)
	return clientOption(func(c *client) { c.allow = allow })
}

type client struct {
	// All fields are immutable after newClient.

	vars    []glsexport.Exported
	targets []string
	allow   func(string) bool
}

func newClient(opts []ClientOption) *client {
	c := new(client)
	for _, o := range opts {
		o.applyClient(c)
	}
	return c
}

// UnaryClient returns the interceptor for unary calls that adds the variables of
// [Exports] to the metadata, those that are bound in the goroutine that makes the
// call, if the connection's target is allowed. Allowed are the loopback interface,
// sockets of the own host, and what [AllowTargets] and [AllowFunc] add. Calls
// with grpc.CallAuthority go to another server than the target says, and have
// nothing added.
//
// Metadata that is there already wins, as glsexport.Inject has it; what is left
// out is counted in [ReadStats].
func UnaryClient(opts ...ClientOption) grpc.UnaryClientInterceptor {
	c := newClient(opts)
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		return invoke(c.inject(ctx, cc, opts), method, req, reply, cc, opts...)
	}
}

// StreamClient is [UnaryClient] for streams. The variables are those of the
// goroutine that opens the stream, as they are then.
func StreamClient(opts ...ClientOption) grpc.StreamClientInterceptor {
	c := newClient(opts)
	return func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		return open(c.inject(ctx, cc, opts), desc, cc, method, opts...)
	}
}

// inject returns ctx with the variables in its outgoing metadata, if the call may
// have them.
func (c *client) inject(ctx context.Context, cc *grpc.ClientConn, opts []grpc.CallOption) context.Context {
	if len(c.vars) == 0 || !c.allowed(cc) || slices.ContainsFunc(opts, isAuthority) {
		return ctx
	}
	md, _ := metadata.FromOutgoingContext(ctx) // a copy
	if md == nil {
		md = metadata.MD{}
	}
	report := glsexport.Inject(MetadataCarrier(md), c.vars...)
	counters.addInjected(report)
	if report.Carried == 0 {
		return ctx
	}
	return metadata.NewOutgoingContext(ctx, md)
}

// isAuthority reports whether o sends the call to another virtual host.
func isAuthority(o grpc.CallOption) bool {
	_, ok := o.(grpc.AuthorityOverrideCallOption)
	return ok
}

func (c *client) allowed(cc *grpc.ClientConn) bool {
	target := cc.CanonicalTarget()
	return isLocal(target) || slices.Contains(c.targets, target) || slices.Contains(c.targets, cc.Target()) ||
		c.allow != nil && c.allow(target)
}

// isLocal reports whether the canonical target is on the own host by definition.
// A target with an authority is resolved by whoever that names.
func isLocal(target string) bool {
	u, err := url.Parse(target)
	if err != nil || u.Host != "" {
		return false
	}
	switch u.Scheme {
	case "unix", "unix-abstract":
		return true
	case "dns", "passthrough":
		name := strings.TrimPrefix(u.Path, "/")
		if host, _, err := net.SplitHostPort(name); err == nil {
			name = host
		}
		addr, err := netip.ParseAddr(strings.Trim(name, "[]"))
		return name == "localhost" || err == nil && addr.Unmap().IsLoopback()
	}
	return false
}
