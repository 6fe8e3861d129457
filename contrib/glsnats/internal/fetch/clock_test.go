package fetch

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/contrib/glsnats/embedded"
)

// A runner runs messages, each until it is told to end.
type runner struct {
	started chan uint64 // the number of the delivery
	end     chan struct{}
}

// Open implements Handler.
func (r *runner) Open(m *nats.Msg, job **nats.Msg) error { *job = m; return nil }

// Run implements Handler.
func (r *runner) Run(job **nats.Msg) {
	m := *job
	meta, err := m.Metadata()
	if err != nil {
		panic(err)
	}
	r.started <- meta.NumDelivered
	<-r.end
	_ = m.Ack()
}

// TestClockJumps puts the clock of a worker forth and back by hours while a job
// runs for longer than AckWait: it is not delivered again, and jobs go on to
// come.
func TestClockJumps(t *testing.T) {
	s, err := embedded.Start()
	require.NoError(t, err)
	t.Cleanup(s.Stop)
	conn, err := nats.Connect(s.URL())
	require.NoError(t, err)
	t.Cleanup(conn.Close)
	js, err := jetstream.New(conn)
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	_, err = js.CreateStream(ctx, jetstream.StreamConfig{Name: "s", Subjects: []string{"s.*"}, Retention: jetstream.WorkQueuePolicy})
	require.NoError(t, err)
	const ackWait = 2 * time.Second
	_, err = js.CreateOrUpdateConsumer(ctx, "s", jetstream.ConsumerConfig{
		Durable: "work", AckPolicy: jetstream.AckExplicitPolicy, AckWait: ackWait, MaxAckPending: -1,
	})
	require.NoError(t, err)

	var off atomic.Int64
	now := func() time.Time { return time.Now().Round(0).Add(time.Duration(off.Load())) } // no monotonic clock
	r := &runner{started: make(chan uint64, 100), end: make(chan struct{})}
	stop, done := make(chan struct{}), make(chan struct{})
	f, err := Start(Config[*nats.Msg]{
		Conn: conn, Request: jetstream.DefaultAPIPrefix + "CONSUMER.MSG.NEXT.s.work",
		Limit: 100, Budget: NewBudget(conn.MaxPayload()), Gate: &Gate{}, Beat: ackWait / 3, Stop: stop, Handler: r,
		Failed: func(err error) { t.Errorf("Failed: %v", err) }, Now: now,
	}, func() { close(done) })
	require.NoError(t, err)

	next := func() {
		t.Helper()
		_, err := js.Publish(ctx, "s.x", nil)
		require.NoError(t, err)
		select {
		case number := <-r.started:
			require.EqualValues(t, 1, number, "a job that runs was delivered again")
		case <-ctx.Done():
			require.FailNow(t, "no job comes")
		}
	}
	next()
	for _, jump := range []time.Duration{time.Hour, -3 * time.Hour, 24 * time.Hour, -48 * time.Hour} {
		off.Add(int64(jump))
		// The server counts by its own clock: AckWait is over without a sign of life.
		select {
		case number := <-r.started:
			require.FailNow(t, "a job that runs was delivered again", "%d, after %v", number, jump)
		case <-time.After(ackWait * 3 / 2):
		}
		next()
	}
	_, held, ok := f.Oldest()
	require.True(t, ok)
	require.Less(t, held, 26*time.Hour, "a clock that is put back does not make jobs older")
	close(r.end)
	close(stop)
	select {
	case <-done:
	case <-ctx.Done():
		require.FailNow(t, "it does not end")
	}
}
