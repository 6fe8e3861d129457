package glsnats_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/spawn"
)

// TestAnswersReachWhoAsked has answers come in time, late, twice and never,
// while all that waits for them is used again and again.
func TestAnswersReachWhoAsked(t *testing.T) {
	c := open(t)
	_, err := c.Conn().Subscribe("echo", func(m *nats.Msg) {
		for range rand.IntN(3) {
			go func() {
				time.Sleep(rand.N(4 * time.Millisecond)) // the network
				_ = m.Respond(m.Data)
			}()
		}
	})
	require.NoError(t, err)
	var came, late, given atomic.Int64
	var group spawn.Group
	for p := range 64 {
		group.Go(func() error {
			for i := range 200 {
				text := fmt.Sprintf("%d of %d", i, p)
				ctx, cancel := context.WithCancel(context.Background())
				if i%10 == 0 {
					time.AfterFunc(rand.N(2*time.Millisecond), cancel)
				}
				m, err := c.Request(ctx, &nats.Msg{Subject: "echo", Data: []byte(text)}, 3*time.Millisecond)
				cancel()
				switch {
				case errors.Is(err, context.DeadlineExceeded):
					late.Add(1)
				case errors.Is(err, context.Canceled):
					given.Add(1)
				case err != nil:
					return err
				case string(m.Data) != text:
					return fmt.Errorf("%q got the answer to %q", text, m.Data)
				default:
					came.Add(1)
				}
			}
			return nil
		})
	}
	require.NoError(t, group.Wait())
	require.Zero(t, c.Waiting())
	require.NotZero(t, came.Load())
	require.NotZero(t, late.Load())
	require.NotZero(t, given.Load())
}

// TestRequestsEnd has requests wait for an answer that never comes, until
// nobody listens, the connection breaks, or it is closed.
func TestRequestsEnd(t *testing.T) {
	c := open(t)
	ctx := context.Background()
	_, err := c.Request(ctx, &nats.Msg{Subject: "nobody"}, patience)
	require.ErrorIs(t, err, nats.ErrNoResponders)

	_, err = c.Conn().Subscribe("silent", func(*nats.Msg) {})
	require.NoError(t, err)
	for _, row := range []struct {
		name string
		end  func()
		err  error
	}{
		{"broken", func() { require.NoError(t, c.Conn().ForceReconnect()) }, nats.ErrDisconnected},
		{"closed", c.Conn().Close, nats.ErrConnectionClosed},
	} {
		errs := make(chan error, 1)
		go func() {
			_, err := c.Request(ctx, &nats.Msg{Subject: "silent"}, patience)
			errs <- err
		}()
		require.Eventually(t, func() bool { return c.Waiting() == 1 }, patience, time.Millisecond, row.name)
		row.end()
		require.ErrorIs(t, receive(t, errs), row.err, row.name)
	}
	require.ErrorIs(t, c.Go("work", nil), glsnats.ErrClosed)
}
