package glsgrpc_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
	"google.golang.org/grpc/codes"
	healthgrpc "google.golang.org/grpc/health/grpc_health_v1"
	"google.golang.org/grpc/status"

	"github.com/seed18162548/contextvars/contrib/glsgrpc"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/spawn"
)

// echo answers every message with the identity, from a goroutine for each.
func echo(stream duplexStream) error {
	for {
		switch _, err := stream.Recv(); {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return err
		}
		seen, err := spawn.Start(func() (string, error) { return identity(), nil }).Wait()
		if err != nil {
			return err
		}
		if err := stream.Send(answer(seen)); err != nil {
			return err
		}
	}
}

// Many callers at once over one connection, each with an identity of its own.
func TestCallsCarryTheirIdentity(t *testing.T) {
	p := serve(t, service{unary: func(context.Context) string { return identity() }, duplex: echo},
		servers(exports, everybody), clients(exports)...)
	var all sync.WaitGroup
	for i := range 30 {
		all.Go(func() {
			if i%3 == 0 { // this one has none
				requireIdentity(t, p, "/")
				return
			}
			tenant.With(fmt.Sprintf("Zoë %d", i), func() {
				user.With(fmt.Sprint("u", i), func() { requireIdentity(t, p, fmt.Sprintf("Zoë %d/u%d", i, i)) })
			})
		})
	}
	all.Wait()
	p.stop()
	require.Zero(t, gls.Live())
}

// requireIdentity makes calls of each kind.
func requireIdentity(t *testing.T, p peer, want string) {
	for range 5 {
		if got, err := p.call(t.Context()); err != nil || got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	}
	stream, err := p.FullDuplexCall(t.Context())
	if err != nil {
		t.Error(err)
		return
	}
	for range 5 {
		if err := stream.Send(&request{}); err != nil {
			t.Error(err)
			return
		}
		got, err := stream.Recv()
		if err != nil || string(got.GetPayload().GetBody()) != want {
			t.Errorf("got %q, %v, want %q", got.GetPayload().GetBody(), err, want)
			return
		}
	}
	if err := stream.CloseSend(); err != nil {
		t.Error(err)
	}
	if _, err := stream.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("got %v, want the end", err)
	}
}

func TestHealthService(t *testing.T) {
	p := serve(t, service{}, servers(exports, everybody, glsgrpc.BindContext()), clients(exports)...)
	user.With("ann", func() {
		resp, err := p.health.Check(t.Context(), &healthgrpc.HealthCheckRequest{})
		require.NoError(t, err)
		require.Equal(t, healthgrpc.HealthCheckResponse_SERVING, resp.Status)
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		watch, err := p.health.Watch(ctx, &healthgrpc.HealthCheckRequest{})
		require.NoError(t, err)
		resp, err = watch.Recv()
		require.NoError(t, err)
		require.Equal(t, healthgrpc.HealthCheckResponse_SERVING, resp.Status)
	})
}

// A goroutine of a stream keeps its identity after the stream was cancelled.
func TestCancelledStream(t *testing.T) {
	cancelled, after := make(chan struct{}), make(chan string, 1)
	var implicit error
	p := serve(t, service{duplex: func(stream duplexStream) error {
		task := spawn.Start(func() (string, error) {
			<-cancelled
			return identity(), nil
		})
		if err := stream.Send(answer("ready")); err != nil {
			return err
		}
		<-stream.Context().Done()
		implicit = glsctx.Current().Err()
		close(cancelled)
		seen, _ := task.Wait()
		after <- seen
		return stream.Context().Err()
	}}, servers(exports, everybody, glsgrpc.BindContext()), clients(exports)...)

	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	user.With("ann", func() {
		stream, err := p.FullDuplexCall(ctx)
		require.NoError(t, err)
		_, err = stream.Recv()
		require.NoError(t, err)
		cancel()
		_, err = stream.Recv()
		require.Equal(t, codes.Canceled, status.Code(err))
	})
	require.Equal(t, "/ann", <-after)
	require.ErrorIs(t, implicit, context.Canceled)
	p.stop()
	require.Zero(t, gls.Live())
}
