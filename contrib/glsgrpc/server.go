package glsgrpc

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// A ServerOption configures [UnaryServer] and [StreamServer].
type ServerOption interface{ applyServer(*server) }

type serverOption func(*server)

func (o serverOption) applyServer(s *server) { o(s) }

// BindContext has the call's context bound for package glsctx: glsctx.Current is
// then cancelled when the client goes away, and has the span that otelgrpc put
// there.
func BindContext() ServerOption {
	return serverOption(func(s *server) { s.bindContext = true })
}

// Trust says which calls come from peers that may speak for others. Without it,
// nobody is trusted.
//
// trusted should look at what a client cannot choose: the verified chains in
// peer.FromContext(ctx), or its address if the network is one's own. Not at
// metadata; and behind a proxy, the address is the proxy's for everybody. method
// is the full one, as "/package.Service/Method". A nil trusted panics with
// [gls.ErrNilFunc].
func Trust(trusted func(ctx context.Context, method string) bool) ServerOption {
	mustFunc("Trust", trusted == nil)
	return serverOption(func(s *server) { s.trusted = trusted })
}

// ScrubUntrusted has the metadata of the exported variables, and the baggage if
// there are members in it, removed from the context of calls that are not
// trusted. A server that sends incoming metadata on needs it: it is a trusted
// peer to those behind it, and clients let metadata win that is there already.
func ScrubUntrusted() ServerOption {
	return serverOption(func(s *server) { s.scrub = true })
}

// OnLeak has f called after every call that left variables bound, with these
// variables. f runs on the call's goroutine, after its Context was left, also
// while a panic or [runtime.Goexit] is under way. A nil f panics with
// [gls.ErrNilFunc].
func OnLeak(f func(method string, leaked []gls.AnyVar)) ServerOption {
	mustFunc("OnLeak", f == nil)
	return serverOption(func(s *server) { s.onLeak = f })
}

type server struct {
	// All fields are immutable after newServer.

	vars        []glsexport.Exported
	trusted     func(context.Context, string) bool // nil: nobody
	scrub       bool
	bindContext bool
	onLeak      func(string, []gls.AnyVar)
}

func newServer(opts []ServerOption) *server {
	s := new(server)
	for _, o := range opts {
		o.applyServer(s)
	}
	return s
}

// UnaryServer returns the interceptor for unary calls: each is served in a fresh,
// empty [gls.Context], whatever is bound around it, in which the variables of
// [Exports] are bound to what its metadata says if [Trust] says that it may.
// Values are bounded and validated as glsexport.Extract has it; what is not
// acceptable is left out and counted, and the call goes on.
//
// What the handler leaves bound is dropped with the Context, and counted, whether
// it returns, panics or calls [runtime.Goexit]. Panics pass through as they are.
func UnaryServer(opts ...ServerOption) grpc.UnaryServerInterceptor {
	s := newServer(opts)
	return func(ctx context.Context, req any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (resp any, err error) {
		s.serve(ctx, info.FullMethod, func(ctx context.Context) { resp, err = handler(ctx, req) })
		return resp, err
	}
}

// StreamServer is [UnaryServer] for streams. The Context lasts as long as the
// handler; goroutines that it starts through package spawn have a copy, also after
// the stream was cancelled.
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
	if len(s.vars) == 0 {
		return nil, ctx
	}
	md, _ := metadata.FromIncomingContext(ctx) // a copy
	if s.trusted != nil && s.trusted(ctx, method) {
		bindings, report := glsexport.Extract(MetadataCarrier(md), s.vars...)
		counters.addExtracted(report)
		return bindings, ctx
	}
	if !s.scrub {
		return nil, ctx
	}
	found := false
	for _, v := range s.vars {
		found = found || len(md.Get(v.Header())) > 0
		md.Delete(v.Header())
	}
	if found {
		ctx = metadata.NewIncomingContext(ctx, md)
	}
	return nil, ctx
}

// leave counts the call and what it left bound in c.
func (s *server) leave(c *gls.Context, method string) {
	var leaked []gls.AnyVar
	if c.Len() > 0 {
		c.Range(func(v gls.AnyVar, _ any) bool {
			leaked = append(leaked, v)
			return true
		})
	}
	counters.addCall(leaked)
	if len(leaked) > 0 && s.onLeak != nil {
		s.onLeak(method, leaked)
	}
}
