package glsgrpc

import (
	"context"
	"slices"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// A ClientOption configures [UnaryClient] and [StreamClient]: [Exports],
// [AllowTargets], [AllowFunc] or [KeepMetadata]. A nil option is ignored.
type ClientOption interface{ applyClient(*client) }

type clientOption func(*client)

func (o clientOption) applyClient(c *client) { o(c) }

// AllowTargets widens whom clients tell: they send variables to targets too,
// each as it was given to grpc.NewClient, or in canonical form:
// "api.internal:443" and "dns:///api.internal:443" are the same to gRPC, and
// either is allowed by the second. Targets are compared whole: there are no
// wildcards. An authority that differs from the target is allowed by the same
// list, such as "partner.example:443".
func AllowTargets(targets ...string) ClientOption {
	allowed := slices.Clone(targets)
	return clientOption(func(c *client) {
		for _, target := range allowed {
			c.targets[target] = true
		}
	})
}

// AllowFunc widens whom clients tell: they send variables also to the targets
// for which allow returns true. target is in canonical form, such as
// "dns:///api.internal:443". allow is asked about an authority that differs
// from the target too, in the same form. It is called on the goroutines that
// make calls and on those of gRPC. A nil allow panics with [gls.ErrNilFunc].
func AllowFunc(allow func(target string) bool) ClientOption {
	glsadapter.MustFunc("glsgrpc.AllowFunc", allow == nil)
	return clientOption(func(c *client) { c.allow = allow })
}

// KeepMetadata sends metadata that a call has already as it is, whoever wrote
// it, even where a variable is bound to something else. By default it gives
// way. In a proxy it lets clients choose the identity that the next server
// sees: use it only where the program itself writes this metadata.
func KeepMetadata() ClientOption {
	return clientOption(func(c *client) { c.keep = true })
}

// A client is what the options of one interceptor add up to. All fields are
// immutable after newClient.
type client struct {
	vars    []glsexport.Exported
	targets map[string]bool
	allow   func(string) bool
	keep    bool
}

func newClient(opts []ClientOption) *client {
	c := &client{targets: make(map[string]bool)}
	for _, o := range opts {
		if o != nil {
			o.applyClient(c)
		}
	}
	return c
}

// UnaryClient returns the interceptor for unary calls that sends the variables
// of [Exports] with the metadata, if they are bound in the goroutine that makes
// the call and the peer may be told. By default, that is true of the loopback
// interface and of sockets of this machine; [AllowTargets] and [AllowFunc] add
// to them. Both must be allowed: the target of the connection, and the
// :authority of the call if it names another server, whether it comes from
// grpc.WithAuthority, from the server name of credentials, from a resolver or
// from grpc.CallAuthority.
//
// The metadata of these variables, and their members of the baggage, belong to
// the interceptor: it sends what is bound in place of what the call has, and
// removes what the call has where nothing is bound or the peer may not be told.
// So a server that sends incoming metadata on never repeats what its client
// said about them. Other members of the baggage stay. What the codecs refuse is
// left out and counted in [ReadStats]. [KeepMetadata] turns this around.
//
// gRPC tells the authority to per-RPC credentials alone, so the interceptor
// adds grpc.PerRPCCredentials to the call, around those that the caller gave. A
// call has one place for them: an interceptor behind this one that sets others
// takes it, and nothing is sent.
func UnaryClient(opts ...ClientOption) grpc.UnaryClientInterceptor {
	c := newClient(opts)
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		ctx, opts = c.outgoing(ctx, method, cc, opts)
		return invoke(ctx, method, req, reply, cc, opts...)
	}
}

// StreamClient is like [UnaryClient] but for streams. The variables are those
// of the goroutine that opens the stream, as they are then.
func StreamClient(opts ...ClientOption) grpc.StreamClientInterceptor {
	c := newClient(opts)
	return func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		ctx, opts = c.outgoing(ctx, method, cc, opts)
		return open(ctx, desc, cc, method, opts...)
	}
}

// outgoing returns context and options of a call with the variables.
func (c *client) outgoing(ctx context.Context, method string, cc *grpc.ClientConn, opts []grpc.CallOption) (context.Context, []grpc.CallOption) {
	if len(c.vars) == 0 {
		return ctx, opts
	}
	md, _ := metadata.FromOutgoingContext(ctx) // a copy
	left := md
	if !c.keep {
		ctx = withoutMembers(ctx, c.vars)
		left = glsexport.Scrub(md, c.vars...)
	}
	var creds *credentials
	if c.allowedTarget(cc) {
		creds = c.credentials(left)
	}
	if creds != nil {
		creds.method = method
		creds.authority = func(authority string) bool { return c.allowedAuthority(cc, authority) }
		creds.next, opts = callersOwn(opts)
		opts = append(opts, grpc.PerRPCCredentials(creds))
		left = glsadapter.Scrub(left, glsadapter.Keys(creds.untold)...)
	}
	if !glsadapter.Same(left, md) {
		ctx = metadata.NewOutgoingContext(ctx, left)
	}
	return ctx, opts
}

// credentials returns what carries the bound variables, nil if there are none.
// md is the rest of the metadata.
func (c *client) credentials(md metadata.MD) *credentials {
	creds := &credentials{told: map[string]string{}, untold: map[string]string{}}
	whole := md.Copy()
	inject := glsexport.Overwrite
	if c.keep {
		inject = glsexport.Inject
	}
	creds.report = inject(MetadataCarrier(whole), c.vars...)
	for key, values := range whole {
		if slices.Equal(values, md[key]) {
			continue
		}
		creds.told[key] = values[0]
		if others := MetadataCarrier(md).Values(key); len(others) > 0 { // members of the baggage
			creds.untold[key] = strings.Join(others, ",")
		}
	}
	if len(creds.told) == 0 {
		counters.injected.Add(creds.report)
		return nil
	}
	return creds
}
