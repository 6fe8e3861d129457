package glsgrpc_test

import (
	"context"
	"fmt"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/seed18162548/contextvars/contrib/glsgrpc"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsctx"
)

// One goroutine serves all calls, and every handler leaves something bound.
func TestBarrier(t *testing.T) {
	before := glsgrpc.ReadStats()
	type leak struct{ method, vars string }
	leaks := make(chan leak, 20)
	opts := append(servers(glsgrpc.OnLeak(func(method string, vars []gls.AnyVar) {
		_, bound := user.Lookup()
		leaks <- leak{method, fmt.Sprint(vars, bound)}
	})), grpc.NumStreamWorkers(1))
	p := serve(t, service{
		unary: func(context.Context) string {
			defer user.Set("unary")
			return identity()
		},
		duplex: func(stream duplexStream) error {
			defer user.Set("stream")
			return stream.Send(answer(identity()))
		},
	}, opts)
	for range 5 {
		got, err := p.call(t.Context())
		require.NoError(t, err)
		require.Equal(t, "/", got)
		stream, err := p.FullDuplexCall(t.Context())
		require.NoError(t, err)
		first, err := stream.Recv()
		require.NoError(t, err)
		require.Equal(t, "/", string(first.GetPayload().GetBody()))
		_, err = stream.Recv()
		require.Error(t, err, "the end")
	}
	p.stop()
	require.Zero(t, gls.Live())
	require.Len(t, leaks, 10)
	require.Equal(t, leak{"/grpc.testing.TestService/UnaryCall", `[gls.Var("user")] false`}, <-leaks)
	require.Equal(t, leak{"/grpc.testing.TestService/FullDuplexCall", `[gls.Var("user")] false`}, <-leaks)
	after := glsgrpc.ReadStats()
	require.EqualValues(t, [3]uint64{10, 10, 10},
		[3]uint64{after.Calls - before.Calls, after.Leaky - before.Leaky, leaksOf(after) - leaksOf(before)})
}

// leaksOf returns how many calls left user bound.
func leaksOf(s glsgrpc.Stats) uint64 {
	for _, l := range s.Leaks {
		if l.Var == user {
			return l.Count
		}
	}
	return 0
}

// What is bound around the interceptor is hidden inside, and not touched.
func TestBarrierHidesWhatIsOutside(t *testing.T) {
	info := &grpc.UnaryServerInfo{FullMethod: "/s/m"}
	user.With("outside", func() {
		_, err := glsgrpc.UnaryServer()(t.Context(), nil, info, func(context.Context, any) (any, error) {
			require.Equal(t, "/", identity())
			require.Equal(t, context.Background(), glsctx.Current())
			user.Set("inside")
			return nil, nil
		})
		require.NoError(t, err)
		require.Equal(t, "/outside", identity())
	})
}

// Panics go up as they are, here to an interceptor that recovers them.
func TestPanicsPass(t *testing.T) {
	seen := make(chan string, 2)
	recovering := func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (resp any, err error) {
		defer func() {
			seen <- fmt.Sprint(recover(), " ", identity())
			err = status.Error(codes.Internal, "panicked")
		}()
		return handler(ctx, req)
	}
	opts := append([]grpc.ServerOption{grpc.ChainUnaryInterceptor(recovering)}, servers(exports, everybody)...)
	p := serve(t, service{unary: func(context.Context) string {
		tenant.Set("acme")
		panic("boom " + identity())
	}}, opts, clients(exports)...)
	user.With("ann", func() {
		_, err := p.call(t.Context())
		require.Equal(t, codes.Internal, status.Code(err))
	})
	require.Equal(t, "boom acme/ann /", <-seen)
	p.stop()
	require.Zero(t, gls.Live())
}

// Goexit ends the goroutine without an answer. gRPC leaves the client waiting
// until it gives up; nothing stays bound.
func TestGoexit(t *testing.T) {
	gone := make(chan []gls.AnyVar, 2)
	onLeak := glsgrpc.OnLeak(func(_ string, leaked []gls.AnyVar) { gone <- leaked })
	exit := func() {
		tenant.Set("acme")
		runtime.Goexit()
	}
	p := serve(t, service{
		unary:  func(context.Context) string { exit(); return "" },
		duplex: func(duplexStream) error { exit(); return nil },
	}, servers(exports, everybody, onLeak), clients(exports)...)
	for _, call := range []func(context.Context) error{
		func(ctx context.Context) error { _, err := p.call(ctx); return err },
		func(ctx context.Context) error {
			stream, err := p.FullDuplexCall(ctx)
			if err == nil {
				_, err = stream.Recv()
			}
			return err
		},
	} {
		ctx, cancel := context.WithCancel(t.Context())
		failed := make(chan error)
		go func() {
			var err error
			user.With("ann", func() { err = call(ctx) })
			failed <- err
		}()
		require.Equal(t, []gls.AnyVar{tenant}, <-gone)
		cancel()
		require.Equal(t, codes.Canceled, status.Code(<-failed))
	}
	p.stop()
	require.Zero(t, gls.Live())
}
