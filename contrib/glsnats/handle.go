package glsnats

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed18162548/contextvars/contrib/glsnats/internal/fetch"
	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// ErrSlow is passed to [OnError] when a function has been running for ten times
// [AckWait], and again each time that duration has doubled.
var ErrSlow = errors.New("glsnats: job runs for long")

// slowFactor is the number of AckWaits after which a job is reported as slow.
const slowFactor = 10

// process is the gate of all jobs in this process: a crash affects all of them.
var process fetch.Gate

// A worker runs the jobs of one name in this process. It is a fetch.Handler.
type worker struct {
	// All fields are immutable once Handle has returned.

	client    *Client
	name      string
	subject   string // of its jobs
	f         func(Job) error
	limit     int
	bytes     int64
	tries     int
	timeLimit time.Duration
	ackWait   time.Duration
	backoff   func(n int) time.Duration
	fetcher   *fetch.Fetcher[delivery]
}

// Handle makes this process run jobs of that name, by calling f for each, until
// the Client is drained or closed. Every call has its own goroutine and a new
// [gls.Context] with the bindings that the job carries; the bindings of
// Handle's caller are not seen. If f returns nil, the job is done. If f returns
// an error or calls [runtime.Goexit], the job is run again later, here or
// elsewhere, up to [Tries] times. If f panics, the program crashes.
//
// Handle returns once the server has the consumer, which all processes that
// handle the name share, and has not refused any permission that a worker
// needs. It fails with [ErrName], [ErrHandled], [ErrClosed] or an error of the
// server, such as nats.ErrPermissionViolation. It panics with [gls.ErrNilFunc]
// if f is nil.
func (c *Client) Handle(job string, f func(j Job) error, opts ...HandleOption) error {
	glsadapter.MustFunc("glsnats.Client.Handle", f == nil)
	w := &worker{client: c, name: job, subject: c.jobSubject(job), f: f, limit: 64, tries: 5, ackWait: 30 * time.Second, backoff: exponential}
	for _, o := range opts {
		if o != nil {
			o(w)
		}
	}
	if err := c.claim(job); err != nil {
		return err
	}
	err := c.need(c.memory())
	if err == nil {
		err = w.consume(c.publish)
	}
	if err == nil {
		err = w.mayAck()
	}
	if err == nil {
		err = w.begin()
	}
	if err != nil {
		c.release(job)
		return fmt.Errorf("glsnats: handle %s: %w", job, closed(err))
	}
	return nil
}

// claim records that job is handled.
func (g *gate) claim(job string) error {
	if !isName(job) {
		return fmt.Errorf("%w %q of a job", ErrName, job)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closing {
		return ErrClosed
	}
	if _, found := g.handled[job]; found {
		return fmt.Errorf("%w: %s", ErrHandled, job)
	}
	g.handled[job] = nil
	return nil
}

func (g *gate) release(job string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.handled, job)
}

// workers returns the workers that have begun.
func (g *gate) workers() []*worker {
	g.mu.Lock()
	defer g.mu.Unlock()
	var ws []*worker
	for _, w := range g.handled {
		if w != nil {
			ws = append(ws, w)
		}
	}
	return ws
}

// consume makes sure that the server has the consumer of w's jobs. It tries for
// d. The consumer has no limits: the workers count failures, because the server
// counts deliveries, and jobs in flight, because the server includes jobs that
// rest after a failure.
func (w *worker) consume(d time.Duration) error {
	c := w.client
	return retry(c.ctx, d, &c.counters.retried, func(ctx context.Context, patience time.Duration) error {
		err := c.ask(ctx, patience, jetstream.DefaultAPIPrefix+"CONSUMER.", func(ctx context.Context) error {
			_, err := c.js.CreateOrUpdateConsumer(ctx, c.stream, jetstream.ConsumerConfig{
				Durable:       w.name,
				FilterSubject: w.subject,
				AckPolicy:     jetstream.AckExplicitPolicy,
				AckWait:       w.ackWait,
				MaxDeliver:    -1,
				MaxAckPending: -1,
				MaxWaiting:    4096,
			})
			return err
		})
		if errors.Is(err, jetstream.ErrStreamNotFound) {
			return errors.Join(err, c.heal(ctx, patience))
		}
		return err
	})
}

// mayAck returns an error if the user may not acknowledge jobs, which would
// otherwise be run again and again. It sends a heartbeat for a job that does
// not exist, which the server ignores.
func (w *worker) mayAck() error {
	c := w.client
	return fetch.Permitted(c.conn, func() error {
		return c.conn.Publish("$JS.ACK."+c.stream+"."+w.name+".0.0.0.0.0", []byte("+WPI"))
	})
}

// begin starts the fetcher unless the Client was closed meanwhile.
func (w *worker) begin() error {
	c := w.client
	c.mu.Lock()
	if c.closing {
		c.mu.Unlock()
		return ErrClosed
	}
	c.working.Add(1)
	c.mu.Unlock()
	var err error
	w.fetcher, err = fetch.Start(fetch.Config[delivery]{
		Conn:    c.conn,
		Request: jetstream.DefaultAPIPrefix + "CONSUMER.MSG.NEXT." + c.stream + "." + w.name,
		Limit:   w.limit,
		Bytes:   w.bytes,
		Budget:  c.budget,
		Gate:    &process,
		Beat:    w.ackWait / 3,
		Slow:    slowFactor * w.ackWait,
		Stop:    c.stop,
		Handler: w,
		Failed:  w.failed,
		Overdue: w.overdue,
		Now:     time.Now,
	}, c.working.Done)
	if err != nil {
		c.working.Done()
		return err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.handled[w.name] = w
	return nil
}

// failed reports an error of a pull or a message, and creates the consumer and
// its stream again if their absence may be the reason.
func (w *worker) failed(err error) {
	c := w.client
	if c.ctx.Err() != nil {
		return
	}
	c.onError(fmt.Errorf("glsnats: pull %s: %w", w.name, closed(err)))
	if errors.Is(err, nats.ErrNoResponders) || errors.Is(err, fetch.ErrPull) && strings.HasSuffix(err.Error(), " Deleted") {
		_ = w.consume(firstAttempt) // the next pull shows whether it helped
	}
}

// overdue reports a job that has been running for a long time.
func (w *worker) overdue(d *delivery, held time.Duration) {
	w.client.onError(fmt.Errorf("%w: %s %s, %v so far", ErrSlow, w.name, d.job.ID, held.Round(time.Second)))
}

// exponential is the default of Backoff.
func exponential(n int) time.Duration {
	d := time.Minute
	if n < 7 {
		d = time.Second << (n - 1)
	}
	return d*3/4 + rand.N(d/2)
}
