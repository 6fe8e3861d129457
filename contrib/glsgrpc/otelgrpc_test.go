package glsgrpc_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/contrib/instrumentation/google.golang.org/grpc/otelgrpc"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"
	"google.golang.org/grpc"

	"github.com/seed18162548/contextvars/contrib/glsgrpc"
	"github.com/seed18162548/contextvars/contrib/glsotel"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/spawn"
)

// traced returns the options of servers and clients that otelgrpc traces.
func traced(p propagation.TextMapPropagator) (*tracetest.SpanRecorder, *sdktrace.TracerProvider, grpc.ServerOption, grpc.DialOption) {
	spans := tracetest.NewSpanRecorder()
	tp := sdktrace.NewTracerProvider(sdktrace.WithSpanProcessor(spans))
	opts := []otelgrpc.Option{otelgrpc.WithTracerProvider(tp), otelgrpc.WithPropagators(p)}
	return spans, tp, grpc.StatsHandler(otelgrpc.NewServerHandler(opts...)), grpc.WithStatsHandler(otelgrpc.NewClientHandler(opts...))
}

var w3c = propagation.NewCompositeTextMapPropagator(propagation.TraceContext{}, propagation.Baggage{})

// otelgrpc carries the trace and we carry the variables; on both sides, code
// without a context is in the right span.
func TestOneTraceWithOtelgrpc(t *testing.T) {
	spans, tp, server, client := traced(w3c)
	tracer := tp.Tracer("test")
	handle := func(context.Context) string {
		seen, _ := spawn.Start(func() (seen string, _ error) {
			glsotel.Run(tracer, "work", func() { seen = identity() })
			return seen, nil
		}).Wait()
		return seen
	}
	p := serve(t, service{
		unary:  handle,
		duplex: func(stream duplexStream) error { return stream.Send(answer(handle(stream.Context()))) },
	}, append(servers(exports, everybody, glsgrpc.BindContext()), server), append(clients(exports), client)...)

	tenant.With("acme", func() {
		glsotel.Run(tracer, "unary", func() {
			got, err := p.call(glsctx.Current())
			require.NoError(t, err)
			require.Equal(t, "acme/", got)
		})
		glsotel.Run(tracer, "stream", func() {
			stream, err := p.FullDuplexCall(glsctx.Current())
			require.NoError(t, err)
			got, err := stream.Recv()
			require.NoError(t, err)
			require.Equal(t, "acme/", string(got.GetPayload().GetBody()))
			_, err = stream.Recv()
			require.Error(t, err, "the end")
		})
	})
	p.stop()
	require.Zero(t, gls.Live())

	ended := spans.Ended()
	require.Len(t, ended, 8)
	bySpan := map[string]sdktrace.ReadOnlySpan{}
	for _, s := range ended {
		bySpan[s.SpanContext().SpanID().String()] = s
	}
	works := 0
	for _, s := range ended {
		if s.Name() != "work" {
			continue
		}
		works++
		path := []string{}
		for s != nil {
			path = append(path, s.SpanKind().String())
			s = bySpan[s.Parent().SpanID().String()]
		}
		require.Equal(t, []string{"internal", "server", "client", "internal"}, path)
	}
	require.Equal(t, 2, works)
}

// Where OpenTelemetry has baggage too, there are two headers, of which otelgrpc
// reads the first: nothing wrong arrives. Its propagator carries variables too,
// if it is glsotel's.
func TestOtelgrpcWithBaggage(t *testing.T) {
	b, err := baggage.Parse("session=7")
	require.NoError(t, err)
	carrying := baggage.ContextWithBaggage(t.Context(), b)
	s := service{unary: func(ctx context.Context) string {
		return identity() + " " + baggage.FromContext(ctx).String()
	}}

	_, _, server, client := traced(w3c)
	p := serve(t, s, append(servers(exports, everybody), server), append(clients(exports), client)...)
	tenant.With("acme", func() {
		got, err := p.call(carrying)
		require.NoError(t, err)
		require.Equal(t, "acme/ ", got)
	})

	vars := glsotel.Propagator(glsexport.Export(tenant, "tenant", glsexport.String()))
	_, _, server, client = traced(propagation.NewCompositeTextMapPropagator(w3c, vars))
	restoring := func(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (resp any, err error) {
		glsotel.Restore(ctx, func(ctx context.Context) { resp, err = handler(ctx, req) })
		return resp, err
	}
	p = serve(t, s, append(servers(), server, grpc.ChainUnaryInterceptor(restoring)), client)
	tenant.With("acme", func() {
		got, err := p.call(carrying)
		require.NoError(t, err)
		require.Equal(t, "acme/ session=7", got)
	})
}
