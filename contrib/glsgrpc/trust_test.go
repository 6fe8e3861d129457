package glsgrpc_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"

	"github.com/seed18162548/contextvars/contrib/glsgrpc"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// sending returns a context with this metadata.
func sending(t *testing.T, kv ...string) context.Context {
	return metadata.AppendToOutgoingContext(t.Context(), kv...)
}

func TestTrust(t *testing.T) {
	// proxy answers with the identity and with what it would send on.
	proxy := service{unary: func(ctx context.Context) string {
		md, _ := metadata.FromIncomingContext(ctx)
		return identity() + " " + strings.Join(append(md.Get("baggage"), md.Get("x-user")...), " ") + " " + strings.Join(md.Get("other"), "")
	}}
	proxy.duplex = func(stream duplexStream) error { return stream.Send(answer(proxy.unary(stream.Context()))) }
	method := func(name string) glsgrpc.ServerOption {
		return glsgrpc.Trust(func(_ context.Context, m string) bool { return strings.HasSuffix(m, name) })
	}
	for _, tt := range []struct {
		name string
		opts []glsgrpc.ServerOption
		want string
	}{
		{"nobody", []glsgrpc.ServerOption{exports}, "/ tenant=acme ann 1"},
		{"nobody, scrubbed", []glsgrpc.ServerOption{exports, glsgrpc.ScrubUntrusted()}, "/  1"},
		{"not for this method", []glsgrpc.ServerOption{exports, method("/Other"), glsgrpc.ScrubUntrusted()}, "/  1"},
		{"for this method", []glsgrpc.ServerOption{exports, method("Call"), glsgrpc.ScrubUntrusted()}, "acme/ann tenant=acme ann 1"},
		{"no exports", []glsgrpc.ServerOption{everybody, glsgrpc.ScrubUntrusted()}, "/ tenant=acme ann 1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			p := serve(t, proxy, servers(tt.opts...))
			ctx := sending(t, "baggage", "tenant=acme", "x-user", "ann", "other", "1")
			got, err := p.call(ctx)
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
			stream, err := p.FullDuplexCall(ctx)
			require.NoError(t, err)
			message, err := stream.Recv()
			require.NoError(t, err)
			require.Equal(t, tt.want, string(message.GetPayload().GetBody()))
			got, err = p.call(sending(t, "other", "1"))
			require.NoError(t, err)
			require.Equal(t, "/  1", got, "nothing was sent")
		})
	}
}

// A call never fails for its metadata, and never gets a guessed identity.
func TestBadMetadata(t *testing.T) {
	p := serve(t, service{unary: func(context.Context) string { return identity() }}, servers(exports, everybody))
	for _, tt := range []struct {
		name string
		kv   []string
		want string
	}{
		{"several baggage values", []string{"baggage", "a=1", "baggage", "tenant=acme"}, "acme/"},
		{"two tenants", []string{"baggage", "tenant=ann,tenant=bob", "x-user", "ann"}, "/ann"},
		{"two tenants in two values", []string{"baggage", "tenant=ann", "baggage", "tenant=bob"}, "/"},
		{"two users", []string{"x-user", "ann", "x-user", "bob"}, "/"},
		{"the same twice", []string{"x-user", "ann", "x-user", "ann"}, "/ann"},
		{"malformed", []string{"baggage", "tenant;=;%", "x-user", "ann"}, "/ann"},
		{"a line break", []string{"baggage", "tenant=a%0Ab"}, "/"},
		{"oversize", []string{"baggage", "tenant=" + strings.Repeat("x", glsexport.MaxBytes)}, "/"},
		{"another key", []string{"baggage", "Tenant=acme"}, "/"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := p.call(sending(t, tt.kv...))
			require.NoError(t, err)
			require.Equal(t, tt.want, got)
		})
	}
}

// sent returns the metadata that a call to target would have.
func sent(t *testing.T, target string, ctx context.Context, interceptor grpc.UnaryClientInterceptor, opts ...grpc.CallOption) metadata.MD {
	t.Helper()
	cc, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer cc.Close()
	var md metadata.MD
	err = interceptor(ctx, "/s/m", nil, nil, cc,
		func(ctx context.Context, _ string, _, _ any, _ *grpc.ClientConn, _ ...grpc.CallOption) error {
			md, _ = metadata.FromOutgoingContext(ctx)
			return nil
		}, opts...)
	require.NoError(t, err)
	return md
}

func TestTargets(t *testing.T) {
	allow := []glsgrpc.ClientOption{
		exports,
		glsgrpc.AllowTargets("api.internal:443", "dns:///users.internal:443"),
		glsgrpc.AllowFunc(func(target string) bool { return target == "dns:///by.func:1" }),
	}
	for target, want := range map[string]bool{
		"localhost:80":                    true,
		"dns:///localhost:80":             true,
		"dns:///localhost":                true,
		"127.0.0.1:80":                    true,
		"passthrough:///127.9.9.9:80":     true,
		"[::1]:80":                        true,
		"dns:///[::1]":                    true,
		"unix:///run/api.sock":            true,
		"unix:run/api.sock":               true,
		"unix-abstract:api":               true,
		"api.internal:443":                true,
		"dns:///api.internal:443":         false, // it was allowed as it is written
		"users.internal:443":              true,
		"by.func:1":                       true,
		"api.internal:444":                false,
		"example.com:80":                  false,
		"dns:///localhost.example.com:80": false,
		"dns:///127.0.0.1.example.com:80": false,
		"dns://8.8.8.8/localhost:80":      false, // as that server resolves it
		"dns:///10.0.0.1:80":              false,
		"passthrough:///bufnet":           false,
	} {
		user.With("ann", func() {
			md := sent(t, target, t.Context(), glsgrpc.UnaryClient(allow...))
			require.Equal(t, want, len(md) > 0, target)
			require.Empty(t, sent(t, target, t.Context(), glsgrpc.UnaryClient(allow...), grpc.CallAuthority("elsewhere")), target)
		})
	}
}

func TestMetadataThatIsThereWins(t *testing.T) {
	client := glsgrpc.UnaryClient(exports)
	tenant.With("acme", func() {
		user.With("ann", func() {
			ctx := sending(t, "X-User", "explicit", "other", "1")
			want := metadata.MD{"x-user": {"explicit"}, "other": {"1"}, "baggage": {"tenant=acme"}}
			require.Equal(t, want, sent(t, "localhost:1", ctx, client))
			md, _ := metadata.FromOutgoingContext(ctx)
			require.Len(t, md, 2, "the caller's context is what it was")
			ctx = sending(t, "baggage", "a=1")
			require.Equal(t, metadata.MD{"baggage": {"a=1"}, "x-user": {"ann"}}, sent(t, "localhost:1", ctx, client))
		})
	})
	require.Empty(t, sent(t, "localhost:1", t.Context(), client), "nothing is bound")
	require.Empty(t, sent(t, "localhost:1", t.Context(), glsgrpc.UnaryClient()), "nothing is exported")
}

func TestMisuse(t *testing.T) {
	for name, f := range map[string]func(){
		"Trust":     func() { glsgrpc.Trust(nil) },
		"OnLeak":    func() { glsgrpc.OnLeak(nil) },
		"AllowFunc": func() { glsgrpc.AllowFunc(nil) },
	} {
		require.ErrorIs(t, recovered(f), gls.ErrNilFunc, name)
	}
	for _, name := range []string{"grpc-status", "Grpc-Timeout", "Content-Type", "user-agent"} {
		e := glsexport.ExportHeader(user, name, glsexport.String())
		require.ErrorIs(t, recovered(func() { glsgrpc.Exports(e) }), glsexport.ErrName, name)
	}
	require.NoError(t, recovered(func() { glsgrpc.Exports(glsexport.Exported{}) }))
}

// recovered returns the error that f panics with.
func recovered(f func()) (err error) {
	defer func() { err, _ = recover().(error) }()
	f()
	return nil
}

func TestMetadataCarrier(t *testing.T) {
	m := glsgrpc.MetadataCarrier(metadata.Pairs("A", "1", "a", "2"))
	require.Equal(t, "1", m.Get("a"))
	require.Equal(t, []string{"1", "2"}, m.Values("A"))
	require.Equal(t, []string{"a"}, m.Keys())
	m.Set("A", "3")
	require.Equal(t, []string{"3"}, m.Values("a"))
	require.Empty(t, m.Get("b"))
	require.Empty(t, glsgrpc.MetadataCarrier(nil).Get("a"))
}
