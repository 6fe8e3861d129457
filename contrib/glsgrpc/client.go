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

// AllowTargets adds targets that clients send variables to. Each is written as
// it was passed to grpc.NewClient or in canonical form: "api.internal:443" and
// "dns:///api.internal:443" are the same to gRPC, and the second allows both.
// Targets are compared as a whole; there are no wildcards. The same list allows
// authorities that differ from the target, such as "partner.example:443".
func AllowTargets(targets ...string) ClientOption {
	allowed := slices.Clone(targets)
	return clientOption(func(c *client) {
		for _, target := range allowed {
			c.targets[target] = true
		}
	})
}

// AllowFunc makes clients also send variables to the targets for which allow
// returns true. target is in canonical form, such as "dns:///api.internal:443".
// allow is also called for an authority that differs from the target, in the
// same form. It is called on the goroutines that make calls and on those of
// gRPC. AllowFunc panics with [gls.ErrNilFunc] if allow is nil.
func AllowFunc(allow func(target string) bool) ClientOption {
	glsadapter.MustFunc("glsgrpc.AllowFunc", allow == nil)
	return clientOption(func(c *client) { c.allow = allow })
}

// KeepMetadata makes clients send the metadata that a call already has
// unchanged, whoever wrote it, even if a variable is bound to something else.
// By default the interceptors replace it. In a proxy, KeepMetadata lets clients
// choose the identity that the next server sees: use it only if the program
// itself writes this metadata.
func KeepMetadata() ClientOption {
	return clientOption(func(c *client) { c.keep = true })
}

// A client holds the options of one interceptor. All fields are immutable after
// newClient.
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
// the call and the peer is allowed. By default, only the loopback interface and
// sockets of this machine are allowed; [AllowTargets] and [AllowFunc] add
// peers. Both the target of the connection and the :authority of the call must
// be allowed if they name different servers, whether the authority comes from
// grpc.WithAuthority, from the server name of credentials, from a resolver or
// from grpc.CallAuthority.
//
// The metadata of these variables, and their members of the baggage, belong to
// the interceptor: it replaces what the call has with the current bindings, and
// removes it if nothing is bound or the peer is not allowed. A server that
// forwards incoming metadata therefore never passes on what its client said
// about them. Other members of the baggage stay. Values that the codecs refuse
// are left out and counted in [ReadStats]. With [KeepMetadata], the metadata of
// the call takes precedence instead.
//
// Only per-RPC credentials learn the authority, so the interceptor adds
// grpc.PerRPCCredentials to the call, around those of the caller. A call can
// have only one: if a later interceptor sets others, no variables are sent.
func UnaryClient(opts ...ClientOption) grpc.UnaryClientInterceptor {
	c := newClient(opts)
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		ctx, opts = c.outgoing(ctx, method, cc, opts)
		return invoke(ctx, method, req, reply, cc, opts...)
	}
}

// StreamClient is like [UnaryClient] but for streams. It sends what is bound in
// the goroutine that opens the stream at that time.
func StreamClient(opts ...ClientOption) grpc.StreamClientInterceptor {
	c := newClient(opts)
	return func(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
		ctx, opts = c.outgoing(ctx, method, cc, opts)
		return open(ctx, desc, cc, method, opts...)
	}
}

// outgoing returns the context and the options of a call with the variables
// added.
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

// credentials returns credentials with the bound variables, or nil if there are
// none. md is the rest of the metadata.
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
