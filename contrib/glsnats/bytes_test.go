package glsnats_test

import (
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats-server/v2/server"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats"
	"github.com/seed18162548/contextvars/contrib/glsnats/embedded"
)

// startLarge starts a server that accepts messages of up to maxPayload bytes.
func startLarge(t *testing.T, maxPayload int32, opts ...embedded.Option) *embedded.Server {
	t.Helper()
	s, err := embedded.Start(append(opts, embedded.Options(func(o *server.Options) { o.MaxPayload = maxPayload }))...)
	require.NoError(t, err)
	t.Cleanup(s.Stop)
	return s
}

// TestBigJobs has more bytes queued than a server holds for a connection, of
// two names: all jobs run at their first delivery, on one connection.
func TestBigJobs(t *testing.T) {
	s := startLarge(t, 8<<20)
	producer := connect(t, s)
	const each = 15
	for i := range each {
		for _, name := range []string{"big", "huge"} {
			require.NoError(t, producer.Go(name, make([]byte, 7_000_000), glsnats.ID(fmt.Sprint(i))))
		}
	}
	worker := connect(t, s)
	ran := make(chan glsnats.Job, 10*each)
	for _, name := range []string{"big", "huge"} {
		require.NoError(t, worker.Handle(name, func(j glsnats.Job) error { ran <- j; return nil }, glsnats.AckWait(3*time.Second)))
	}
	for range 2 * each {
		j := receive(t, ran)
		require.Equal(t, 1, j.Try)
		require.Len(t, j.Payload, 7_000_000)
	}
	drain(t, worker)
	require.Empty(t, ran)
	require.Zero(t, worker.Conn().Stats().Reconnects)
}

// TestInFlightBytes checks that a worker holds no more than it may, but a job
// in any case.
func TestInFlightBytes(t *testing.T) {
	s := startLarge(t, 100_000)
	c := connect(t, s)
	var now, most atomic.Int32
	ran := make(chan int, 100)
	for _, row := range []struct {
		name  string
		limit int64
		size  int
		most  int32
	}{
		{"small", 500_000, 1000, 64},
		{"five", 500_000, 90_000, 5},
		{"one", 1, 90_000, 1},
	} {
		t.Run(row.name, func(t *testing.T) {
			for range 30 {
				require.NoError(t, c.Go(row.name, make([]byte, row.size)))
			}
			most.Store(0)
			w := connect(t, s)
			require.NoError(t, w.Handle(row.name, func(j glsnats.Job) error {
				n := now.Add(1)
				for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
				}
				time.Sleep(time.Millisecond)
				now.Add(-1)
				ran <- len(j.Payload)
				return nil
			}, glsnats.InFlightBytes(row.limit)))
			for range 30 {
				require.Equal(t, row.size, receive(t, ran))
			}
			require.LessOrEqual(t, most.Load(), row.most)
		})
	}
}

// TestLargerThanMayBe has jobs queued that are larger than messages may be by
// now.
func TestLargerThanMayBe(t *testing.T) {
	dir := t.TempDir()
	s := startLarge(t, 16<<20, embedded.Dir(dir))
	c := connect(t, s)
	for i, size := range []int{10, 15_000_000, 10, 15_000_000, 10} {
		require.NoError(t, c.Go("work", make([]byte, size), glsnats.ID(fmt.Sprint(i))))
	}
	c.Close()
	s.Stop()
	s = startLarge(t, 1000, embedded.Dir(dir))
	w := connect(t, s)
	ran := make(chan string, 10)
	require.NoError(t, w.Handle("work", func(j glsnats.Job) error { ran <- j.ID; return nil }))
	var got []string
	for range 5 {
		got = append(got, receive(t, ran))
	}
	require.ElementsMatch(t, []string{"0", "1", "2", "3", "4"}, got)
}
