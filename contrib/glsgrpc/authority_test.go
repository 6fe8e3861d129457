package glsgrpc_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"math/big"
	"net"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/resolver"
	"google.golang.org/grpc/resolver/manual"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/seed18162548/contextvars/contrib/glsgrpc"
)

// A sidecar is a server on the loopback interface that serves every authority,
// and keeps the metadata of the last call.
type sidecar struct {
	addr string
	seen chan metadata.MD
}

// newSidecar starts one that has a certificate for partner.example and
// 127.0.0.1, if secure.
func newSidecar(t *testing.T, secure bool) (sidecar, credentials.TransportCredentials) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	var opts []grpc.ServerOption
	client := insecure.NewCredentials()
	if secure {
		var server credentials.TransportCredentials
		server, client = certified(t, "partner.example")
		opts = append(opts, grpc.Creds(server))
	}
	s := sidecar{listener.Addr().String(), make(chan metadata.MD, 1)}
	g := grpc.NewServer(opts...)
	keep := func(ctx context.Context) {
		md, _ := metadata.FromIncomingContext(ctx)
		s.seen <- md
	}
	testgrpc.RegisterTestServiceServer(g, service{
		unary:  func(ctx context.Context) string { keep(ctx); return "" },
		duplex: func(stream duplexStream) error { keep(stream.Context()); return nil },
	})
	served := make(chan error)
	go func() { served <- g.Serve(listener) }()
	t.Cleanup(func() {
		g.Stop()
		require.NoError(t, <-served)
	})
	return s, client
}

// certified returns the two ends of TLS with a certificate for name.
func certified(t *testing.T, name string) (server, client credentials.TransportCredentials) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour),
		DNSNames: []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	cert, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	return credentials.NewServerTLSFromCert(&tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}),
		credentials.NewTLS(&tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12})
}

// named returns creds that expect the server to be called name.
func named(t *testing.T, creds credentials.TransportCredentials, name string) credentials.TransportCredentials {
	creds = creds.Clone()
	require.NoError(t, creds.OverrideServerName(name)) //nolint:staticcheck // it is the deprecated way that is tested
	return creds
}

// However the authority of a call is changed, variables are sent only if it is
// allowed too.
func TestAuthority(t *testing.T) {
	plain, none := newSidecar(t, false)
	secure, withTLS := newSidecar(t, true)
	_, port, err := net.SplitHostPort(secure.addr)
	require.NoError(t, err)
	serverName := manual.NewBuilderWithScheme("named")
	serverName.InitialState(resolver.State{Addresses: []resolver.Address{{Addr: plain.addr, ServerName: "partner.example"}}})

	for _, tt := range []struct {
		name   string
		to     sidecar
		target string // "" for its address
		creds  credentials.TransportCredentials
		dial   []grpc.DialOption
		call   []grpc.CallOption
		allow  []glsgrpc.ClientOption
		told   bool
	}{
		{name: "none", to: plain, creds: none, told: true},
		{name: "none, TLS", to: secure, creds: withTLS, told: true},
		{name: "WithAuthority", to: plain, creds: none, dial: []grpc.DialOption{grpc.WithAuthority("partner.example")}},
		{name: "WithAuthority, TLS", to: secure, creds: withTLS, dial: []grpc.DialOption{grpc.WithAuthority("partner.example")}},
		{name: "WithAuthority of another port", to: plain, creds: none, dial: []grpc.DialOption{grpc.WithAuthority("partner.example:443")}},
		{name: "WithAuthority localhost", to: plain, creds: none, dial: []grpc.DialOption{grpc.WithAuthority("LOCALHOST:1")}, told: true},
		{name: "WithAuthority like localhost", to: plain, creds: none, dial: []grpc.DialOption{grpc.WithAuthority("localhost.example")}},
		{name: "name of credentials", to: secure, creds: named(t, withTLS, "partner.example")},
		{name: "name of a resolver", to: plain, target: "named:///127.0.0.1:1", creds: none, dial: []grpc.DialOption{grpc.WithResolvers(serverName)},
			allow: []glsgrpc.ClientOption{glsgrpc.AllowTargets("named:///127.0.0.1:1")}},
		{name: "CallAuthority", to: plain, creds: none, call: []grpc.CallOption{grpc.CallAuthority("partner.example")}},
		{name: "CallAuthority, TLS", to: secure, creds: withTLS, call: []grpc.CallOption{grpc.CallAuthority("partner.example")}},
		{name: "CallAuthority localhost", to: plain, creds: none, call: []grpc.CallOption{grpc.CallAuthority("localhost")}, told: true},
		{name: "allowed", to: plain, creds: none, dial: []grpc.DialOption{grpc.WithAuthority("partner.example")},
			allow: []glsgrpc.ClientOption{glsgrpc.AllowTargets("partner.example")}, told: true},
		{name: "allowed with the port", to: secure, creds: named(t, withTLS, "partner.example"),
			allow: []glsgrpc.ClientOption{glsgrpc.AllowTargets("dns:///partner.example:" + port)}, told: true},
		{name: "allowed by a function", to: plain, creds: none, dial: []grpc.DialOption{grpc.WithAuthority("partner.example:7")},
			allow: []glsgrpc.ClientOption{glsgrpc.AllowFunc(func(target string) bool { return target == "dns:///partner.example:7" })}, told: true},
		{name: "another one is allowed", to: plain, creds: none, dial: []grpc.DialOption{grpc.WithAuthority("partner.example")},
			allow: []glsgrpc.ClientOption{glsgrpc.AllowTargets("partner.example:1")}},
		{name: "target that is not allowed", to: plain, target: "passthrough:///somewhere", creds: none, dial: []grpc.DialOption{
			grpc.WithAuthority("localhost"),
			grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
				return new(net.Dialer).DialContext(ctx, "tcp", plain.addr)
			})}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if tt.target == "" {
				tt.target = tt.to.addr
			}
			dial := append(clients(append(tt.allow, exports)...), grpc.WithTransportCredentials(tt.creds))
			cc, err := grpc.NewClient(tt.target, append(dial, tt.dial...)...)
			require.NoError(t, err)
			defer cc.Close()
			c := testgrpc.NewTestServiceClient(cc)
			check := func() {
				md := <-tt.to.seen
				require.Equal(t, tt.told, len(md.Get("x-user")) > 0, "%v", md)
				require.Equal(t, tt.told, len(md.Get("baggage")) > 0, "%v", md)
				require.Empty(t, md.Get("other"))
			}
			user.With("ann", func() {
				tenant.With("acme", func() {
					before := glsgrpc.ReadStats().Injected.Carried
					_, err = c.UnaryCall(t.Context(), &testgrpc.SimpleRequest{}, tt.call...)
					require.NoError(t, err)
					check()
					stream, err := c.FullDuplexCall(t.Context(), tt.call...)
					require.NoError(t, err)
					_, err = stream.Recv()
					require.Error(t, err)
					check()
					carried := 0
					if tt.told {
						carried = 4
					}
					require.Equal(t, carried, glsgrpc.ReadStats().Injected.Carried-before)
				})
			})
		})
	}
}

// A fixed is the caller's own per-RPC credentials.
type fixed struct {
	key, value string
	secure     bool
	err        error
}

func (f fixed) GetRequestMetadata(context.Context, ...string) (map[string]string, error) {
	return map[string]string{f.key: f.value}, f.err
}
func (f fixed) RequireTransportSecurity() bool { return f.secure }

// The call option for per-RPC credentials takes one value: those of the caller
// work as without us.
func TestCredentialsOfTheCaller(t *testing.T) {
	plain, none := newSidecar(t, false)
	secure, withTLS := newSidecar(t, true)
	token := func(secure bool) grpc.CallOption {
		return grpc.PerRPCCredentials(fixed{key: "Authorization", value: "Bearer 1", secure: secure})
	}
	for _, tt := range []struct {
		name  string
		to    sidecar
		creds credentials.TransportCredentials
		dial  []grpc.DialOption
		call  []grpc.CallOption
		want  []string
		code  codes.Code
	}{
		{name: "none", to: plain, creds: none},
		{name: "of the call", to: plain, creds: none, call: []grpc.CallOption{token(false)}, want: []string{"Bearer 1"}},
		{name: "two of the call", to: plain, creds: none,
			call: []grpc.CallOption{grpc.PerRPCCredentials(fixed{key: "authorization", value: "first"}), token(false)}, want: []string{"Bearer 1"}},
		{name: "default of the connection", to: plain, creds: none,
			dial: []grpc.DialOption{grpc.WithDefaultCallOptions(token(false))}, want: []string{"Bearer 1"}},
		{name: "of the connection", to: plain, creds: none,
			dial: []grpc.DialOption{grpc.WithPerRPCCredentials(fixed{key: "authorization", value: "dialled"})}, want: []string{"dialled"}},
		{name: "both", to: plain, creds: none,
			dial: []grpc.DialOption{grpc.WithPerRPCCredentials(fixed{key: "authorization", value: "dialled"})},
			call: []grpc.CallOption{token(false)}, want: []string{"dialled", "Bearer 1"}},
		{name: "that need TLS", to: plain, creds: none, call: []grpc.CallOption{token(true)}, code: codes.Unauthenticated},
		{name: "that need TLS and have it", to: secure, creds: withTLS, call: []grpc.CallOption{token(true)}, want: []string{"Bearer 1"}},
		{name: "that fail", to: plain, creds: none,
			call: []grpc.CallOption{grpc.PerRPCCredentials(fixed{err: status.Error(codes.PermissionDenied, "no token")})}, code: codes.PermissionDenied},
		{name: "that fail without a code", to: plain, creds: none,
			call: []grpc.CallOption{grpc.PerRPCCredentials(fixed{err: errors.New("no token")})}, code: codes.Internal},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, ours := range [][]grpc.DialOption{nil, clients(exports)} { // without us, and with
				dial := append(ours, grpc.WithTransportCredentials(tt.creds))
				cc, err := grpc.NewClient(tt.to.addr, append(dial, tt.dial...)...)
				require.NoError(t, err)
				defer cc.Close()
				user.With("ann", func() {
					_, err = testgrpc.NewTestServiceClient(cc).UnaryCall(t.Context(), &testgrpc.SimpleRequest{}, tt.call...)
				})
				require.Equal(t, tt.code, status.Code(err), "%v", err)
				if tt.code != codes.OK {
					continue
				}
				md := <-tt.to.seen
				require.Equal(t, tt.want, md.Get("authorization"))
				require.Equal(t, ours != nil, len(md.Get("x-user")) > 0)
			}
		})
	}
}

// Sockets of this machine have the authority localhost, and others the name of
// their endpoint.
func TestAuthorityOfOtherTransports(t *testing.T) {
	socket := filepath.Join(t.TempDir(), "s")
	pipe, other := bufconn.Listen(1<<16), bufconn.Listen(1<<16)
	file, err := net.Listen("unix", socket)
	require.NoError(t, err)
	for _, tt := range []struct {
		name     string
		listener net.Listener
		target   string
		opts     []glsgrpc.ClientOption
		told     bool
	}{
		{"unix", file, "unix:" + socket, nil, true},
		{"bufconn", pipe, "passthrough:///bufnet", nil, false},
		{"bufconn, allowed", other, "passthrough:///bufnet", []glsgrpc.ClientOption{glsgrpc.AllowTargets("passthrough:///bufnet")}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := grpc.NewServer(servers(exports, everybody)...)
			testgrpc.RegisterTestServiceServer(g, service{unary: func(context.Context) string { return identity() }})
			go func() { _ = g.Serve(tt.listener) }()
			defer g.Stop()
			dial := append(clients(append(tt.opts, exports)...), grpc.WithTransportCredentials(insecure.NewCredentials()))
			if pipe, ok := tt.listener.(*bufconn.Listener); ok {
				dial = append(dial, grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return pipe.DialContext(ctx) }))
			}
			cc, err := grpc.NewClient(tt.target, dial...)
			require.NoError(t, err)
			defer cc.Close()
			user.With("ann", func() {
				resp, err := testgrpc.NewTestServiceClient(cc).UnaryCall(t.Context(), &testgrpc.SimpleRequest{})
				require.NoError(t, err)
				require.Equal(t, tt.told, resp.GetUsername() == "/ann", resp.GetUsername())
			})
		})
	}
}
