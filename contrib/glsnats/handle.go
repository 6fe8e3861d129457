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
)

// A worker runs the jobs of one name in this process.
type worker struct {
	// All fields are immutable once Handle has returned.

	cluster *Client
	name    string
	subject string // of its jobs
	f       func(Job) error
	limit   int
	tries   int
	ackWait time.Duration
	backoff func(n int) time.Duration
}

// Handle has f called for the jobs of that name, in this process, until the
// Client is drained or closed. Every call has a goroutine and a fresh
// [gls.Context] of its own, in which what the job carries is bound; the bindings
// of Handle's caller are not. If f returns nil, the job is done. If it returns an
// error, or calls [runtime.Goexit], the job is run again later, here or
// elsewhere, up to [Tries] times. If it panics, the program crashes.
//
// Handle returns once the server has the consumer, which all processes that
// handle the name share. It fails with [ErrName], [ErrHandled], [ErrClosed], or
// what the server says. A nil f panics with [gls.ErrNilFunc].
func (c *Client) Handle(job string, f func(j Job) error, opts ...HandleOption) error {
	mustFunc("Handle", f == nil)
	w := &worker{cluster: c, name: job, subject: c.jobSubject(job), f: f, limit: 64, tries: 5, ackWait: 30 * time.Second, backoff: exponential}
	for _, o := range opts {
		o(w)
	}
	if err := c.claim(job); err != nil {
		return err
	}
	if err := w.consume(c.publish); err != nil {
		c.release(job)
		return fmt.Errorf("glsnats: handle %s: %w", job, closed(err))
	}
	return w.begin()
}

// claim notes that job is handled.
func (g *gate) claim(job string) error {
	if !isName(job) {
		return fmt.Errorf("%w %q of a job", ErrName, job)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.closing:
		return ErrClosed
	case g.handled[job]:
		return fmt.Errorf("%w: %s", ErrHandled, job)
	}
	g.handled[job] = true
	return nil
}

func (g *gate) release(job string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.handled, job)
}

// consume makes sure that the server has the consumer of w's jobs. Tries are
// counted here, since the server forgets a job that it has delivered as often as
// it may; and so is what is in flight: what rests after a failure counts as in
// flight for the server. It tries for d.
func (w *worker) consume(d time.Duration) error {
	c := w.cluster
	return c.retry(c.ctx, d, func(ctx context.Context) error {
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
}

// begin starts the puller, unless the Client was closed meanwhile.
func (w *worker) begin() error {
	c := w.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return ErrClosed
	}
	c.working.Add(1)
	p := &puller{source: source{
		conn:    c.conn,
		limit:   w.limit,
		beat:    w.ackWait / 3,
		request: jetstream.DefaultAPIPrefix + "CONSUMER.MSG.NEXT." + c.stream + "." + w.name,
		read:    w.read,
		run:     w.run,
		refuse:  c.onError,
		repair:  w.repair,
		stop:    c.stop,
	}}
	if err := p.begin(c.working.Done); err != nil {
		c.working.Done()
		return closed(err)
	}
	return nil
}

// repair reports that a pull failed, and makes the consumer again if that may be
// why.
func (w *worker) repair(err error) {
	c := w.cluster
	if c.ctx.Err() != nil {
		return
	}
	c.onError(fmt.Errorf("glsnats: pull %s: %w", w.name, closed(err)))
	if errors.Is(err, nats.ErrNoResponders) || strings.Contains(err.Error(), "Consumer Deleted") {
		_ = w.consume(firstAttempt) // the next pull tells
	}
}

// exponential is the default of Backoff.
func exponential(n int) time.Duration {
	d := time.Minute
	if n < 7 {
		d = time.Second << (n - 1)
	}
	return d*3/4 + rand.N(d/2)
}
