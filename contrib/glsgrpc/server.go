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

// BindContext makes servers bind the call's context for package glsctx, so that
// glsctx.Current is cancelled when the client goes away and has the span of
// otelgrpc.
func BindContext() ServerOption {
	return serverOption(func(s *server) { s.bindContext = true })
}

// Trust sets the function that decides which calls come from trusted peers.
// Without it, no call is trusted.
//
// trusted should look at what a client cannot choose: the verified chains in
// peer.FromContext(ctx), or its address if the network is your own. It should
// not look at metadata. Behind a proxy, the address is the proxy's for every
// call. method is the full name, such as "/package.Service/Method". Trust
// panics with [gls.ErrNilFunc] if trusted is nil.
func Trust(trusted func(ctx context.Context, method string) bool) ServerOption {
	glsadapter.MustFunc("glsgrpc.Trust", trusted == nil)
	return serverOption(func(s *server) { s.trusted = trusted })
}

// KeepUntrusted makes servers leave in the context of a call that is not
// trusted what its peer says: the metadata of exported variables, and what
// other instrumentation has extracted. Handlers can then read it, and may pass
// it on in this server's name. By default it is removed.
func KeepUntrusted() ServerOption {
	return serverOption(func(s *server) { s.keep = true })
}

// OnLeak sets a function that is called after every call that left variables
// bound, with these variables. f runs on the call's goroutine, outside of the
// call's Context, even during a panic or [runtime.Goexit]. OnLeak panics with
// [gls.ErrNilFunc] if f is nil.
func OnLeak(f func(method string, leaked []gls.AnyVar)) ServerOption {
	glsadapter.MustFunc("glsgrpc.OnLeak", f == nil)
	return serverOption(func(s *server) { s.onLeak = f })
}

// A server holds the options of one interceptor. All fields are immutable after
// newServer.
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
// is served in a new, empty [gls.Context], whatever is bound outside. If the
// call is trusted (see [Trust]), the variables of [Exports] are bound there to
// the values in its metadata. Values are limited and validated as by
// glsexport.Extract; those that are not acceptable are left out and counted,
// and the call goes on.
//
// If the call is not trusted, nothing is bound, and its context has neither the
// metadata of these variables nor what other instrumentation such as otelgrpc
// has extracted before (see glsotel.Strip), so that no handler reads them by
// mistake and no client repeats them to servers that trust this one. An
// interceptor with neither Exports nor Trust only isolates calls and leaves the
// context alone.
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
// as the handler; goroutines that the handler starts through package spawn have
// a copy, even after the stream was cancelled.
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

// serve calls f in a new Context, for the call that ctx belongs to.
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

// withoutMembers returns ctx without the members of OpenTelemetry's baggage
// that belong to vars. otelgrpc would send these on instead of what is bound by
// then.
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
