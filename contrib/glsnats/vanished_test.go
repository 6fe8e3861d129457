package glsnats_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/contrib/glsnats/embedded"
)

// heard collects what OnError is told.
type heard struct {
	mu   sync.Mutex
	errs []error // guarded by mu
}

func (h *heard) option() glsnats.Option {
	return glsnats.OnError(func(err error) {
		h.mu.Lock()
		defer h.mu.Unlock()
		h.errs = append(h.errs, err)
	})
}

// count returns how many errors were target.
func (h *heard) count(target error) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, err := range h.errs {
		if errors.Is(err, target) {
			n++
		}
	}
	return n
}

// TestServerForgets has a server that keeps jobs in memory restart: producers
// and workers that live go on.
func TestServerForgets(t *testing.T) {
	port := freePort(t)
	start := func() *embedded.Server {
		s, err := embedded.Start(embedded.Listen("127.0.0.1", port))
		require.NoError(t, err)
		t.Cleanup(s.Stop)
		return s
	}
	s := start()
	var told heard
	open := func() *glsnats.Client {
		c, err := glsnats.Connect(s.URL(), exports, told.option(), glsnats.InMemory(), glsnats.DedupWindow(5*time.Minute))
		require.NoError(t, err)
		t.Cleanup(c.Close)
		return c
	}
	producer, worker := open(), open()
	ran := make(chan string, 10)
	require.NoError(t, worker.Handle("work", func(j glsnats.Job) error { ran <- user.Get() + " " + j.ID; return nil }))
	require.NoError(t, producer.Go("work", nil, glsnats.ID("before")))
	require.Equal(t, " before", receive(t, ran))
	for range 2 {
		s.Stop()
		s = start()
		user.With("ann", func() { require.NoError(t, producer.Go("work", nil, glsnats.ID("after"))) })
		require.Equal(t, "ann after", receive(t, ran))
		config := streamOf(t, producer, "gls").CachedInfo().Config
		require.Equal(t, jetstream.MemoryStorage, config.Storage)
		require.Equal(t, 5*time.Minute, config.Duplicates)
	}
	require.NotZero(t, told.count(glsnats.ErrStreamGone))
}

// TestStreamsAreDeleted has somebody delete each stream under clients that
// live: it is created again as it was, even if the operator had changed it.
func TestStreamsAreDeleted(t *testing.T) {
	s := startServer(t)
	admin := connect(t, s)
	js, err := jetstream.New(admin.Conn())
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for _, name := range []string{"gls", "gls_dead"} {
		config := streamOf(t, admin, name).CachedInfo().Config
		config.MaxMsgs = 1000
		_, err := js.UpdateStream(ctx, config)
		require.NoError(t, err)
	}

	var told heard
	c, err := glsnats.Connect(s.URL(), exports, told.option())
	require.NoError(t, err)
	t.Cleanup(c.Close)
	ran := make(chan int, 10)
	require.NoError(t, c.Handle("work", func(j glsnats.Job) error {
		ran <- j.Try
		if string(j.Payload) == "fails" {
			return errors.New("no luck")
		}
		return nil
	}, glsnats.Tries(2), glsnats.Backoff(soon)))

	for i, name := range []string{"gls", "gls_dead", "gls_tries"} {
		require.NoError(t, js.DeleteStream(ctx, name))
		require.NoError(t, c.Go("work", []byte("fails")), name)
		require.Equal(t, 1, receive(t, ran))
		require.Equal(t, 2, receive(t, ran))
		eventually(t, func() bool { return c.Stats().Dead == uint64(i+1) }, name)
		eventually(t, func() bool { return told.count(glsnats.ErrStreamGone) == i+1 }, name)
	}
	for _, name := range []string{"gls", "gls_dead"} {
		require.EqualValues(t, 1000, streamOf(t, admin, name).CachedInfo().Config.MaxMsgs)
	}
	require.Equal(t, jetstream.LimitsPolicy, streamOf(t, admin, "gls_tries").CachedInfo().Config.Retention)
}
