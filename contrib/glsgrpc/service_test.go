package glsgrpc_test

import (
	"context"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/health"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"

	"github.com/seed18162548/contextvars/contrib/glsgrpc"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/gls/glstest"
)

var (
	tenant  = gls.New[string]("tenant")
	user    = gls.New[string]("user")
	exports = glsgrpc.Exports(
		glsexport.Export(tenant, "tenant", glsexport.String()),
		glsexport.ExportHeader(user, "X-User", glsexport.String()))
	everybody = glsgrpc.Trust(func(context.Context, string) bool { return true })
)

// identity is what a handler sees.
func identity() string { return tenant.Get() + "/" + user.Get() }

// A service is gRPC's own interoperability service, with handlers of the test.
type service struct {
	testgrpc.UnimplementedTestServiceServer
	unary  func(ctx context.Context) string
	duplex func(stream duplexStream) error
}

type (
	duplexStream = grpc.BidiStreamingServer[testgrpc.StreamingOutputCallRequest, testgrpc.StreamingOutputCallResponse]
	request      = testgrpc.StreamingOutputCallRequest
	response     = testgrpc.StreamingOutputCallResponse
)

func (s service) UnaryCall(ctx context.Context, _ *testgrpc.SimpleRequest) (*testgrpc.SimpleResponse, error) {
	return &testgrpc.SimpleResponse{Username: s.unary(ctx)}, nil
}

func (s service) FullDuplexCall(stream duplexStream) error { return s.duplex(stream) }

// answer is a message of the stream.
func answer(s string) *response {
	return &response{Payload: &testgrpc.Payload{Body: []byte(s)}}
}

// A peer is a connection to a server of the service, and of gRPC's health
// service.
type peer struct {
	testgrpc.TestServiceClient
	health healthgrpc.HealthClient
	stop   func() // both ends, all handlers
}

// serve starts a server on the loopback interface. It has t fail if anything is
// left bound.
func serve(t *testing.T, s service, server []grpc.ServerOption, client ...grpc.DialOption) peer {
	t.Helper()
	glstest.CheckLeaks(t)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	g := grpc.NewServer(append(server, grpc.WaitForHandlers(true))...)
	testgrpc.RegisterTestServiceServer(g, s)
	healthgrpc.RegisterHealthServer(g, health.NewServer())
	served := make(chan error)
	go func() { served <- g.Serve(listener) }()

	client = append(client, grpc.WithTransportCredentials(insecure.NewCredentials()))
	cc, err := grpc.NewClient(listener.Addr().String(), client...)
	require.NoError(t, err)
	stopped := false
	stop := func() {
		if !stopped {
			stopped = true
			require.NoError(t, cc.Close())
			g.Stop()
			require.NoError(t, <-served)
		}
	}
	t.Cleanup(stop)
	return peer{testgrpc.NewTestServiceClient(cc), healthgrpc.NewHealthClient(cc), stop}
}

// servers are both interceptors.
func servers(opts ...glsgrpc.ServerOption) []grpc.ServerOption {
	return []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(glsgrpc.UnaryServer(opts...)),
		grpc.ChainStreamInterceptor(glsgrpc.StreamServer(opts...)),
	}
}

func clients(opts ...glsgrpc.ClientOption) []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithChainUnaryInterceptor(glsgrpc.UnaryClient(opts...)),
		grpc.WithChainStreamInterceptor(glsgrpc.StreamClient(opts...)),
	}
}

// call makes a unary call and returns the answer.
func (p peer) call(ctx context.Context) (string, error) {
	resp, err := p.UnaryCall(ctx, &testgrpc.SimpleRequest{})
	return resp.GetUsername(), err
}
