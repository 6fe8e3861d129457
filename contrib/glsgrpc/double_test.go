package glsgrpc_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	"google.golang.org/grpc"
	testgrpc "google.golang.org/grpc/interop/grpc_testing"
	"google.golang.org/grpc/metadata"

	"github.com/seed18162548/contextvars/contrib/glsgrpc"
	"github.com/seed18162548/contextvars/contrib/glsotel"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

var variables = glsotel.Propagator(
	glsexport.Export(tenant, "tenant", glsexport.String()),
	glsexport.ExportHeader(user, "X-User", glsexport.String()))

// With otelgrpc in front of a server that trusts nobody, whatever propagator it
// uses, nothing that a caller says is bound or sent on: not by a client that is
// given the call's context, not by one that has the implicit one, and not by
// one that sends incoming metadata on, whatever instrumentation they have.
func TestDoubleInstrumentation(t *testing.T) {
	propagators := map[string]propagation.TextMapPropagator{
		"w3c":       w3c,
		"trace":     propagation.TraceContext{},
		"variables": variables,
		"all":       propagation.NewCompositeTextMapPropagator(w3c, variables),
	}
	last, none := newSidecar(t, false)
	for serverName, server := range propagators {
		for clientName, client := range propagators {
			for _, ours := range []bool{false, true} {
				// A client without ours sends on what it is given: it needs
				// the propagator that owns the names.
				if !ours && (clientName == "w3c" || clientName == "trace") {
					continue
				}
				for _, bind := range []bool{false, true} {
					name := fmt.Sprintf("server %s; client %s, ours %v; BindContext %v", serverName, clientName, ours, bind)
					dial := []grpc.DialOption{grpc.WithTransportCredentials(none),
						grpc.WithStatsHandler(otelgrpc.NewClientHandler(otelgrpc.WithPropagators(client)))}
					if ours {
						dial = append(dial, clients(exports)...)
					}
					cc, err := grpc.NewClient(last.addr, dial...)
					require.NoError(t, err)
					onward := testgrpc.NewTestServiceClient(cc)

					handle := func(ctx context.Context) string {
						incoming, _ := metadata.FromIncomingContext(ctx)
						seen := []string{identity(), baggage.FromContext(ctx).String(), baggage.FromContext(glsctx.Current()).String()}
						for _, ctx := range []context.Context{
							ctx, glsctx.Current(), metadata.NewOutgoingContext(ctx, incoming.Copy()),
						} {
							if _, err := onward.UnaryCall(ctx, &testgrpc.SimpleRequest{}); err != nil {
								return err.Error()
							}
							seen = append(seen, fmt.Sprint(map[string][]string(<-last.seen)))
						}
						return strings.Join(seen, "\n")
					}
					opts := []glsgrpc.ServerOption{exports}
					if bind {
						opts = append(opts, glsgrpc.BindContext())
					}
					p := serve(t, service{unary: handle, duplex: func(stream duplexStream) error {
						return stream.Send(answer(handle(stream.Context())))
					}}, append(servers(opts...), grpc.StatsHandler(otelgrpc.NewServerHandler(otelgrpc.WithPropagators(server)))))
					ctx := sending(t, "baggage", "tenant=evil", "x-user", "evil", "baggage", "Tenant=evil2")

					got, err := p.call(ctx)
					require.NoError(t, err)
					require.NotContains(t, got, "evil", name)
					require.Contains(t, got, ":authority", name)
					stream, err := p.FullDuplexCall(ctx)
					require.NoError(t, err)
					message, err := stream.Recv()
					require.NoError(t, err)
					got = string(message.GetPayload().GetBody())
					require.NotContains(t, got, "evil", name)
					require.Contains(t, got, ":authority", name)
					p.stop()
					require.NoError(t, cc.Close())
				}
			}
		}
	}
}

// What a trusted caller said is bound, and no longer a member of
// OpenTelemetry's baggage, which otelgrpc would send on in place of what is
// bound by then.
func TestTrustedMembersAreNotSentOn(t *testing.T) {
	last, none := newSidecar(t, false)
	cc, err := grpc.NewClient(last.addr, append(clients(exports), grpc.WithTransportCredentials(none),
		grpc.WithStatsHandler(otelgrpc.NewClientHandler(otelgrpc.WithPropagators(w3c))))...)
	require.NoError(t, err)
	defer cc.Close()
	_, _, server, _ := traced(w3c)
	p := serve(t, service{unary: func(ctx context.Context) string {
		was := identity()
		defer tenant.Set("other").Reset()
		if _, err := testgrpc.NewTestServiceClient(cc).UnaryCall(ctx, &testgrpc.SimpleRequest{}); err != nil {
			return err.Error()
		}
		return fmt.Sprint(was, (<-last.seen).Get("baggage"))
	}}, append(servers(exports, everybody), server))
	got, err := p.call(sending(t, "baggage", "tenant=acme"))
	require.NoError(t, err)
	require.Equal(t, "acme/[tenant=other]", got)
}
