//go:build gls_servers

package redis

import (
	"context"
	"net"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
)

// TestPubSub: a message comes from a goroutine of the client, where nothing is
// bound; it belongs to its publisher. A receiver that asks for messages itself
// keeps its own bindings, and gives each message a Context.
func TestPubSub(t *testing.T) {
	addr := start(t)
	rdb := redis.NewClient(&redis.Options{Addr: addr})
	defer func() { require.NoError(t, rdb.Close()) }()
	defer request.Set("subscriber").Reset()
	sub := rdb.Subscribe(bg, "news")
	defer func() { require.NoError(t, sub.Close()) }()
	_, err := sub.Receive(bg) // the subscription is there
	require.NoError(t, err)

	for range 2 {
		request.With("publisher", func() { require.NoError(t, rdb.Publish(bg, "news", "x").Err()) })
		msg, err := sub.ReceiveMessage(bg)
		require.NoError(t, err)
		require.Equal(t, "subscriber", request.Get(), "not the publisher")
		gls.Isolate(func() {
			require.Empty(t, request.Get(), "nothing of an earlier message")
			request.Set(msg.Payload)
		})
	}
}

// TestDialer: a connection is for many. The client makes it on a goroutine of
// its own, where nothing is bound, not even what the first command has.
func TestDialer(t *testing.T) {
	addr := start(t)
	dialled := make(chan string, 10)
	rdb := redis.NewClient(&redis.Options{Addr: addr, PoolSize: 1, Dialer: func(ctx context.Context, network, addr string) (net.Conn, error) {
		dialled <- request.GetOr("nobody")
		return new(net.Dialer).DialContext(ctx, network, addr)
	}})
	defer func() { require.NoError(t, rdb.Close()) }()
	for _, who := range []string{"r-1", "r-2"} {
		request.With(who, func() { require.NoError(t, rdb.Ping(bg).Err()) })
	}
	require.Len(t, dialled, 1, "both commands use one connection")
	require.Equal(t, "nobody", <-dialled)
}
