package glsgrpc

import (
	"context"

	"go.opentelemetry.io/otel/baggage"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/seed18162548/contextvars/contrib/glsotel"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// A ServerOption configures [UnaryServer] and [StreamServer]: [Exports],
// [Trust], [BindContext], [OnLeak] or [KeepUntrusted]. A nil option is ignored.
type ServerOption interface{ applyServer(*server) }

type serverOption func(*server)

func (o serverOption) applyServer(s *server) { o(s) }

// BindContext binds the call's context for package glsctx: glsctx.Current is
// then cancelled when the client goes away, and has the span that otelgrpc put
// there.
func BindContext() ServerOption {
	return serverOption(func(s *server) { s.bindContext = true })
}

// Trust widens whom a server believes: calls for which trusted returns true may
// speak for others. Without it, nobody is trusted.
//
// trusted should look at what a client cannot choose: the verified chains in
// peer.FromContext(ctx), or its address if the network is your own. It should
// not look at metadata. Behind a proxy, the address is the proxy's for every
// call. method is the full one, as "/package.Service/Method". A nil trusted
// panics with [gls.ErrNilFunc].
func Trust(trusted func(ctx context.Context, method string) bool) ServerOption {
	glsadapter.MustFunc("glsgrpc.Trust", trusted == nil)
	return serverOption(func(s *server) { s.trusted = trusted })
}

// KeepUntrusted leaves in the context of a call what a peer that is not trusted
// says: the metadata of exported variables, and what other instrumentation has
// extracted. Handlers can then read it, and may send it on in this server's
// name. By default it is removed.
func KeepUntrusted() ServerOption {
	return serverOption(func(s *server) { s.keep = true })
}

// OnLeak sets a function that is called after every call that left variables
// bound, with these variables. f runs on the call's goroutine, after the
// Context was left, also while a panic or [runtime.Goexit] is under way. A nil
// f panics with [gls.ErrNilFunc].
func OnLeak(f func(method string, leaked []gls.AnyVar)) ServerOption {
	glsadapter.MustFunc("glsgrpc.OnLeak", f == nil)
	return serverOption(func(s *server) { s.onLeak = f })
}

// A server is what the options of one interceptor add up to. All fields are
// immutable after newServer.
type server struct {
	vars        []glsexport.Exported
	trusted     func(context.Context, string) bool // nil: nobody
	keep        bool
	bindContext bool
	onLeak      func(string, []gls.AnyVar)
}

func newServer(opts []ServerOption) *server {
	s := new(server)
	for _, o := range opts {
		if o != nil {
			o.applyServer(s)
		}
	}
	return s
}

// UnaryServer returns the interceptor for unary calls that isolates them: each
// is served in a fresh, empty [gls.Context], whatever is bound around it, in
// which the variables of [Exports] are bound to what its metadata says if
// [Trust] says that its peer may speak for others. Values are bounded and
// validated as by glsexport.Extract; what is not acceptable is left out and
// counted, and the call goes on.
//
// If the peer is not trusted, nothing is bound, and the context of the call is
// one without the metadata of these variables, and without what other
// instrumentation such as otelgrpc has extracted before (glsotel.Strip). So no
// handler reads it by mistake, and no client repeats it to servers that trust
// this one. An interceptor that has neither Exports nor Trust only isolates and
// leaves the context alone.
//
// What the handler leaves bound is dropped with the Context, and counted,
// whether it returns, panics or calls [runtime.Goexit]. Panics pass through
// unchanged.
func UnaryServer(opts ...ServerOption) grpc.UnaryServerInterceptor {
	s := newServer(opts)
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (resp any, err error) {
		s.serve(ctx, info.FullMethod, func(ctx context.Context) { resp, err = handler(ctx, req) })
		return resp, err
	}
}

// StreamServer is like [UnaryServer] but for streams. The Context lasts as long
// as the handler; goroutines that it starts through package spawn have a copy,
// also after the stream was cancelled.
func StreamServer(opts ...ServerOption) grpc.StreamServerInterceptor {
	s := newServer(opts)
	return func(srv any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
		s.serve(stream.Context(), info.FullMethod, func(ctx context.Context) {
			if ctx != stream.Context() {
				stream = scrubbed{stream, ctx}
			}
			err = handler(srv, stream)
		})
		return err
	}
}

// scrubbed is a stream with another context.
type scrubbed struct {
	grpc.ServerStream
	ctx context.Context
}

func (s scrubbed) Context() context.Context { return s.ctx }

// serve calls f in a Context of its own, for the call that ctx belongs to.
func (s *server) serve(ctx context.Context, method string, f func(context.Context)) {
	c := gls.NewContext()
	defer s.leave(c, method)
	c.Run(func() {
		bindings, ctx := s.extract(ctx, method)
		if s.bindContext {
			bindings = append(bindings, glsctx.Bind(ctx))
		}
		gls.With(func() { f(ctx) }, bindings...)
	})
}

// extract returns what to bind for the call, and the context to serve it with.
func (s *server) extract(ctx context.Context, method string) ([]gls.Binding, context.Context) {
	if len(s.vars) == 0 && s.trusted == nil {
		return nil, ctx
	}
	md, _ := metadata.FromIncomingContext(ctx) // a copy
	if s.trusted != nil && s.trusted(ctx, method) {
		bindings, report := glsexport.Extract(MetadataCarrier(md), s.vars...)
		counters.extracted.Add(report)
		return bindings, withoutMembers(ctx, s.vars)
	}
	if s.keep {
		return nil, ctx
	}
	if left := glsexport.Scrub(md, s.vars...); !glsadapter.Same(left, md) {
		ctx = metadata.NewIncomingContext(ctx, left)
	}
	return nil, glsotel.Strip(ctx)
}

// withoutMembers returns ctx without those of vars that are members of
// OpenTelemetry's baggage. otelgrpc would send them on in place of what is
// bound by then.
func withoutMembers(ctx context.Context, vars []glsexport.Exported) context.Context {
	all := baggage.FromContext(ctx)
	left := all
	for _, v := range vars {
		if v.Header() == glsexport.BaggageHeader {
			left = left.DeleteMember(v.Name())
		}
	}
	if left.Len() == all.Len() {
		return ctx
	}
	return baggage.ContextWithBaggage(ctx, left)
}

// leave counts the call and what it left bound in c.
func (s *server) leave(c *gls.Context, method string) {
	counters.calls.Add(1)
	leaked := glsadapter.Leftover(c, nil)
	counters.leaks.Add(leaked)
	if len(leaked) > 0 && s.onLeak != nil {
		s.onLeak(method, leaked)
	}
}
