package glsgrpc_test

import (
	"context"
	"fmt"
	"net"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"

	"github.com/seed18162548/contextvars/contrib/glsgrpc"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// One service tells another for whom it asks.
func Example() {
	user := gls.New[string]("user")
	exports := glsgrpc.Exports(glsexport.Export(user, "user", glsexport.String()))
	internal := glsgrpc.Trust(func(ctx context.Context, method string) bool {
		return true // say, peer.FromContext(ctx) has a certificate of ours
	})

	server := grpc.NewServer(grpc.ChainUnaryInterceptor(glsgrpc.UnaryServer(exports, internal)))
	testgrpc.RegisterTestServiceServer(server, service{unary: func(context.Context) string { return "hello " + user.Get() }})
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	go func() { _ = server.Serve(listener) }()
	defer server.Stop()

	conn, err := grpc.NewClient(listener.Addr().String(),
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithChainUnaryInterceptor(glsgrpc.UnaryClient(exports)))
	if err != nil {
		panic(err)
	}
	defer conn.Close()

	user.With("Amélie", func() {
		resp, err := testgrpc.NewTestServiceClient(conn).UnaryCall(context.Background(), &testgrpc.SimpleRequest{})
		fmt.Println(resp.GetUsername(), err)
	})
	// Output:
	// hello Amélie <nil>
}
