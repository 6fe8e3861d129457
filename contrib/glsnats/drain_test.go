package glsnats_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/gls/glstest"
	"github.com/seed18162548/contextvars/spawn"
)

// TestDrain drains while a job runs, which goes on to submit another.
func TestDrain(t *testing.T) {
	s := startServer(t)
	glstest.CheckLeaks(t)
	c := connect(t, s)
	started, end := make(chan struct{}, 10), make(chan struct{})
	require.NoError(t, c.Handle("work", func(j glsnats.Job) error {
		started <- struct{}{}
		<-end
		return c.Go("more", nil)
	}, glsnats.InFlight(1)))
	for range 2 {
		require.NoError(t, c.Go("work", nil))
	}
	receive(t, started)
	drained := spawn.Start(func() (struct{}, error) { return struct{}{}, c.Drain(context.Background()) })
	eventually(t, func() bool { return c.Handle("other", func(glsnats.Job) error { return nil }) != nil }, "it does not drain")
	select {
	case <-drained.Done():
		t.Fatal("it did not wait for the job")
	default:
	}
	close(end)
	_, err := drained.Wait()
	require.NoError(t, err)
	require.Empty(t, started, "the other job was not started")

	require.ErrorIs(t, c.Drain(context.Background()), glsnats.ErrClosed)
	require.ErrorIs(t, c.Handle("work", func(glsnats.Job) error { return nil }), glsnats.ErrClosed)
	require.ErrorIs(t, c.Go("work", nil), glsnats.ErrClosed)
	_, err = glsnats.Call[int](c, "work", nil)
	require.ErrorIs(t, err, glsnats.ErrClosed)

	require.EqualValues(t, 2, jobs(t, connect(t, s), "gls"), "one that was not started, and one that is new")
}

// TestDrainGivesUp drains while a job runs that ends only with its context.
func TestDrainGivesUp(t *testing.T) {
	s := startServer(t)
	c := connect(t, s)
	started, ended := make(chan int, 10), make(chan error, 10)
	work := func(j glsnats.Job) error {
		started <- j.Try
		<-j.Context().Done()
		ended <- j.Context().Err()
		return j.Context().Err() // nil would mean that it is done
	}
	require.NoError(t, c.Handle("work", work, glsnats.AckWait(time.Second)))
	require.NoError(t, c.Go("work", nil))
	require.Equal(t, 1, receive(t, started))
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, c.Drain(ctx), context.DeadlineExceeded)
	require.ErrorIs(t, receive(t, ended), context.Canceled)

	other := connect(t, s)
	require.NoError(t, other.Handle("work", work, glsnats.AckWait(time.Second)))
	require.Equal(t, 2, receive(t, started), "another worker gets it")
}
