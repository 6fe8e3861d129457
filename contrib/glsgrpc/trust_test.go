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
		{"nobody", []glsgrpc.ServerOption{nil, exports}, "/  1"},
		{"nobody, kept", []glsgrpc.ServerOption{exports, glsgrpc.KeepUntrusted()}, "/ tenant=acme ann 1"},
		{"not for this method", []glsgrpc.ServerOption{exports, method("/Other")}, "/  1"},
		{"for this method", []glsgrpc.ServerOption{exports, method("Call")}, "acme/ann tenant=acme ann 1"},
		{"no exports", []glsgrpc.ServerOption{everybody}, "/ tenant=acme ann 1"},
		{"nothing", nil, "/ tenant=acme ann 1"},
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

// sent returns the metadata that a call to target would have, under the
// authority that gRPC takes for it, or another.
func sent(t *testing.T, target, authority string, ctx context.Context, interceptor grpc.UnaryClientInterceptor) metadata.MD {
	t.Helper()
	cc, err := grpc.NewClient(target, grpc.WithTransportCredentials(insecure.NewCredentials()))
	require.NoError(t, err)
	defer cc.Close()
	md := metadata.MD{}
	err = interceptor(ctx, "/s/m", nil, nil, cc,
		func(ctx context.Context, method string, _, _ any, _ *grpc.ClientConn, opts ...grpc.CallOption) error {
			if out, ok := metadata.FromOutgoingContext(ctx); ok {
				md = out
			}
			for _, o := range opts {
				creds, err := o.(grpc.PerRPCCredsCallOption).Creds.GetRequestMetadata(ctx, "https://"+strings.TrimSuffix(authority, ":443")+"/s")
				require.NoError(t, err)
				for key, value := range creds {
					md.Append(key, value)
				}
			}
			return nil
		})
	require.NoError(t, err)
	return md
}

func TestTargets(t *testing.T) {
	allow := []glsgrpc.ClientOption{
		exports,
		nil,
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
			authority := target[strings.LastIndex(target, "/")+1:]
			if strings.HasPrefix(target, "unix") {
				authority = "localhost"
			}
			md := sent(t, target, authority, t.Context(), glsgrpc.UnaryClient(allow...))
			require.Equal(t, want, len(md) > 0, target)
			require.Empty(t, sent(t, target, "elsewhere", t.Context(), glsgrpc.UnaryClient(allow...)), target)
		})
	}
}

// Rows are metadata that a call has already, and what is sent.
func TestMetadataThatIsThere(t *testing.T) {
	for _, tt := range []struct {
		name    string
		there   []string
		bound   metadata.MD // if the variables are bound
		unbound metadata.MD
		other   metadata.MD // if the peer may not be told
		kept    metadata.MD // with KeepMetadata
	}{
		{"nothing", nil,
			metadata.MD{"baggage": {"tenant=acme"}, "x-user": {"ann"}}, metadata.MD{},
			metadata.MD{}, metadata.MD{"baggage": {"tenant=acme"}, "x-user": {"ann"}}},
		{"a header", []string{"X-User", "evil", "other", "1"},
			metadata.MD{"baggage": {"tenant=acme"}, "x-user": {"ann"}, "other": {"1"}}, metadata.MD{"other": {"1"}},
			metadata.MD{"other": {"1"}}, metadata.MD{"baggage": {"tenant=acme"}, "x-user": {"evil"}, "other": {"1"}}},
		{"baggage of others", []string{"baggage", "a=1", "baggage", "b=2"},
			metadata.MD{"baggage": {"a=1,b=2,tenant=acme"}, "x-user": {"ann"}}, metadata.MD{"baggage": {"a=1", "b=2"}},
			metadata.MD{"baggage": {"a=1", "b=2"}}, metadata.MD{"baggage": {"a=1", "b=2"}, "x-user": {"ann"}}},
		{"baggage of ours", []string{"baggage", "tenant=evil,a=1"},
			metadata.MD{"baggage": {"a=1,tenant=acme"}, "x-user": {"ann"}}, metadata.MD{"baggage": {"a=1"}},
			metadata.MD{"baggage": {"a=1"}}, metadata.MD{"baggage": {"tenant=evil,a=1"}, "x-user": {"ann"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			ctx := sending(t, tt.there...)
			client := glsgrpc.UnaryClient(exports)
			require.Equal(t, tt.unbound, sent(t, "localhost:1", "localhost:1", ctx, client))
			tenant.With("acme", func() {
				user.With("ann", func() {
					require.Equal(t, tt.bound, sent(t, "localhost:1", "localhost:1", ctx, client))
					require.Equal(t, tt.other, sent(t, "example.com:1", "example.com:1", ctx, client))
					kept := glsgrpc.UnaryClient(exports, glsgrpc.KeepMetadata())
					require.Equal(t, tt.kept, sent(t, "localhost:1", "localhost:1", ctx, kept))

					other := sent(t, "localhost:1", "example.com", ctx, client)
					joined := metadata.MD{}
					for key, values := range tt.other {
						joined[key] = []string{strings.Join(values, ",")}
					}
					require.Equal(t, joined, other, "another authority")
				})
			})
			md, _ := metadata.FromOutgoingContext(ctx)
			require.Len(t, md, len(metadata.Pairs(tt.there...)), "the caller's context is what it was")
		})
	}
	tenant.With("acme", func() {
		require.Empty(t, sent(t, "localhost:1", "localhost:1", t.Context(), glsgrpc.UnaryClient()), "nothing is exported")
	})
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
