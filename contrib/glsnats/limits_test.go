package glsnats_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/contrib/glsnats/embedded"
	"github.com/seed18162548/contextvars/spawn"
)

// TestTimeLimit has functions run for longer than they may: one watches its
// context, one does not.
func TestTimeLimit(t *testing.T) {
	var told heard
	c := open(t, told.option())
	end := make(chan struct{})
	causes := make(chan error, 10)
	require.NoError(t, c.Handle("watches", func(j glsnats.Job) error {
		<-j.Context().Done()
		causes <- context.Cause(j.Context())
		return nil // too late
	}, glsnats.TimeLimit(50*time.Millisecond), glsnats.Tries(2), glsnats.Backoff(soon)))
	started := make(chan string, 10)
	require.NoError(t, c.Handle("hangs", func(j glsnats.Job) error {
		started <- j.ID
		if j.ID == "bad" {
			<-end
		}
		return nil
	}, glsnats.TimeLimit(50*time.Millisecond), glsnats.Tries(1), glsnats.InFlight(1)))
	require.NoError(t, c.Handle("quick", func(j glsnats.Job) error { return j.Context().Err() }, glsnats.TimeLimit(time.Hour)))

	user.With("ann", func() { require.NoError(t, c.Go("watches", nil)) })
	for range 2 {
		require.ErrorIs(t, receive(t, causes), glsnats.ErrTimeLimit)
	}
	eventually(t, func() bool { return c.Stats().Dead == 1 }, "it is no dead letter")
	require.Equal(t, "user=ann", lastLetter(t, c, "watches").Header.Get("baggage"))
	require.Equal(t, glsnats.ErrTimeLimit.Error(), lastLetter(t, c, "watches").Header.Get("Gls-Error"))

	require.NoError(t, c.Go("hangs", nil, glsnats.ID("bad")))
	require.NoError(t, c.Go("hangs", nil, glsnats.ID("good")))
	require.Equal(t, "bad", receive(t, started))
	require.Equal(t, "good", receive(t, started), "there is one place, and it is free")
	eventually(t, func() bool { return c.Stats().Dead == 2 && c.Stats().Overtime == 1 }, "one hangs")
	close(end)
	eventually(t, func() bool { return c.Stats().Overtime == 0 }, "none hangs")
	require.Equal(t, 3, told.count(glsnats.ErrTimeLimit))

	_, err := glsnats.Call[int](c, "quick", nil)
	require.NoError(t, err)
}

// TestOldest has the job that runs for longest be seen, and reported after a
// multiple of AckWait.
func TestOldest(t *testing.T) {
	var told heard
	c := open(t, told.option())
	end := make(chan struct{})
	started := make(chan string, 10)
	for _, name := range []string{"slow", "other"} {
		require.NoError(t, c.Handle(name, func(j glsnats.Job) error { started <- j.ID; <-end; return nil }, glsnats.AckWait(time.Second)))
	}
	require.Zero(t, c.Stats().Oldest)
	require.NoError(t, c.Go("slow", nil, glsnats.ID("first")))
	require.Equal(t, "first", receive(t, started))
	require.NoError(t, c.Go("other", nil, glsnats.ID("second")))
	require.Equal(t, "second", receive(t, started))
	s := c.Stats()
	require.Equal(t, "slow", s.Oldest.Name)
	require.Equal(t, "first", s.Oldest.ID)
	require.Positive(t, s.Oldest.For)
	require.Equal(t, 2, s.Running)
	eventually(t, func() bool { return told.count(glsnats.ErrSlow) == 2 }, "both run for ten times AckWait")
	close(end)
	eventually(t, func() bool { return c.Stats().Running == 0 }, "they have ended")
	require.Zero(t, c.Stats().Oldest)
	require.EqualValues(t, 2, c.Stats().Runs)
}

// TestQueues counts what is queued, by name.
func TestQueues(t *testing.T) {
	c := open(t)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	started, end := make(chan struct{}, 10), make(chan struct{})
	require.NoError(t, c.Handle("work", func(glsnats.Job) error { started <- struct{}{}; <-end; return nil }, glsnats.InFlight(2)))
	require.NoError(t, c.Handle("idle", func(glsnats.Job) error { return nil }))
	for range 5 {
		require.NoError(t, c.Go("work", nil))
	}
	require.NoError(t, c.Go("worc", nil))
	receive(t, started)
	receive(t, started)
	queues, err := c.Queues(ctx)
	require.NoError(t, err)
	require.Equal(t, glsnats.Queue{Jobs: 5, Taken: 2, Handled: true}, queues["work"])
	require.Equal(t, glsnats.Queue{Jobs: 1}, queues["worc"], "nobody handles it")
	require.True(t, queues["idle"].Handled)
	require.Zero(t, queues["idle"].Jobs)
	require.Len(t, queues, 3)
	close(end)
	c.Close()
	_, err = c.Queues(ctx)
	require.ErrorIs(t, err, glsnats.ErrClosed)
}

// TestRefuseUnknown has jobs refused that nobody would run.
func TestRefuseUnknown(t *testing.T) {
	s := startServer(t)
	worker, producer := connect(t, s), connect(t, s, glsnats.RefuseUnknown())
	work := func(glsnats.Job) error { return nil }
	require.NoError(t, worker.Handle("work", work))
	require.NoError(t, producer.Go("work", nil))
	require.ErrorIs(t, producer.Go("worc", nil), glsnats.ErrUnknown)
	_, err := glsnats.Call[int](producer, "worc", nil)
	require.ErrorIs(t, err, glsnats.ErrUnknown)
	require.NoError(t, worker.Handle("worc", work))
	require.NoError(t, producer.Go("worc", nil), "it is not remembered that nobody did")
	worker.Close()
	require.NoError(t, producer.Go("work", nil), "a worker may come again")
}

// TestWaitForServer connects before the server is up.
func TestWaitForServer(t *testing.T) {
	port := freePort(t)
	url := fmt.Sprint("nats://127.0.0.1:", port)
	_, err := glsnats.Connect(url)
	require.ErrorIs(t, err, nats.ErrNoServers)
	_, err = glsnats.Connect(url, glsnats.WaitForServer(100*time.Millisecond))
	require.ErrorIs(t, err, nats.ErrNoServers)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	tried := make(chan struct{}, 100)
	connected := spawn.Start(func() (*glsnats.Client, error) {
		return glsnats.Connect(url, glsnats.WaitForServer(patience), glsnats.NATS(nats.SetCustomDialer(dialer(tried))))
	})
	receive(t, tried)
	s, err := embedded.Start(embedded.Listen("127.0.0.1", port))
	require.NoError(t, err)
	t.Cleanup(s.Stop)
	c, err := connected.Wait()
	require.NoError(t, err)
	t.Cleanup(c.Close)
	require.NoError(t, c.Go("work", nil))

	strict := startStrict(t, nil, nil)
	_, err = glsnats.Connect(strict.URL(), glsnats.WaitForServer(10*patience))
	require.ErrorIs(t, err, nats.ErrAuthorization, "waiting does not help")
	require.False(t, errors.Is(err, context.DeadlineExceeded))
}

// A dialer says when it is asked.
type dialer chan<- struct{}

// Dial implements nats.CustomDialer.
func (d dialer) Dial(network, address string) (net.Conn, error) {
	d <- struct{}{}
	return net.Dial(network, address)
}
