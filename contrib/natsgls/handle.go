package natsgls

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed18162548/contextvars/spawn"
)

// A worker runs the jobs of one name in this process.
type worker struct {
	// All fields are immutable once Handle has returned.

	cluster *Cluster
	name    string
	f       func(Job) error
	limit   int
	tries   int
	ackWait time.Duration
	backoff func(n int) time.Duration
	slots   chan struct{} // has an element for every job that runs or was asked for
}

// Handle has f called for the jobs of that name, in this process, until the
// Cluster is drained or closed. Every call has a goroutine and a fresh
// [gls.Context] of its own, in which what the job carries is bound; the bindings
// of Handle's caller are not. If f returns nil, the job is done. If it returns an
// error, or calls [runtime.Goexit], the job is run again later, here or
// elsewhere, up to [Tries] times. If it panics, the program crashes.
//
// Handle returns once the server has the consumer, which all processes that
// handle the name share. It fails with [ErrName], [ErrHandled], [ErrClosed], or
// what the server says. A nil f panics with [gls.ErrNilFunc].
func (c *Cluster) Handle(job string, f func(j Job) error, opts ...HandleOption) error {
	mustFunc("Handle", f == nil)
	w := &worker{cluster: c, name: job, f: f, limit: 64, tries: 5, ackWait: 30 * time.Second, backoff: exponential}
	for _, o := range opts {
		o(w)
	}
	w.slots = make(chan struct{}, w.limit)
	if err := c.claim(job); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(c.ctx, c.publish)
	defer cancel()
	consumer, err := w.consumer(ctx)
	if err != nil {
		c.release(job)
		return fmt.Errorf("natsgls: handle %s: %w", job, closed(err))
	}
	return w.begin(consumer)
}

// claim notes that job is handled.
func (c *Cluster) claim(job string) error {
	if !name.MatchString(job) {
		return fmt.Errorf("%w %q of a job", ErrName, job)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closing:
		return ErrClosed
	case c.handled[job]:
		return fmt.Errorf("%w: %s", ErrHandled, job)
	}
	c.handled[job] = true
	return nil
}

func (c *Cluster) release(job string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.handled, job)
}

// consumer makes sure that the server has the consumer of w's jobs. It is the
// function that counts tries, since the server forgets a job that it has
// delivered as often as it may, and it is the worker that limits what is in
// flight: what rests after a failure counts as in flight for the server.
func (w *worker) consumer(ctx context.Context) (consumer jetstream.Consumer, err error) {
	c := w.cluster
	err = c.retry(ctx, func(ctx context.Context) (err error) {
		consumer, err = c.js.CreateOrUpdateConsumer(ctx, c.stream, jetstream.ConsumerConfig{
			Durable:       w.name,
			FilterSubject: c.jobSubject(w.name),
			AckPolicy:     jetstream.AckExplicitPolicy,
			AckWait:       w.ackWait,
			MaxDeliver:    -1,
			MaxAckPending: -1,
			MaxWaiting:    4096,
		})
		return err
	})
	return consumer, err
}

// A pull asks for as many jobs as there is room for, so that none waits here
// while its AckWait runs and others are idle. Two of them are open in turns:
// while the jobs of one are run, those of the other arrive.
const lanes = 2

// pullTime is how long a pull stays open. A server that dies takes its pulls
// along, and a drain waits for those that are open, rather than to lose jobs
// that are on their way until AckWait is over: it is short.
const pullTime = time.Second

// begin starts the lanes, unless the Cluster was closed meanwhile.
func (w *worker) begin(consumer jetstream.Consumer) error {
	c := w.cluster
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return ErrClosed
	}
	c.working.Add(lanes)
	for range lanes {
		spawn.Detached(func() {
			defer c.working.Done()
			w.lane(consumer)
		})
	}
	return nil
}

// lane pulls jobs and starts them until the Cluster is drained.
func (w *worker) lane(consumer jetstream.Consumer) {
	const patience = 2 * time.Second
	pause := firstPause
	for {
		room := w.reserve()
		if room == 0 {
			return
		}
		batch, err := consumer.Fetch(room, jetstream.FetchMaxWait(pullTime))
		if err == nil {
			for m := range batch.Messages() {
				room--
				w.start(m)
			}
			err = batch.Error()
		}
		w.giveBack(room)
		if err == nil {
			pause = firstPause
			continue
		}
		if w.cluster.ctx.Err() != nil {
			return
		}
		w.cluster.onError(fmt.Errorf("natsgls: pull %s: %w", w.name, err))
		sleep(w.cluster.ctx, pause)
		pause = min(2*pause, patience)
		if missing(err) {
			ctx, cancel := context.WithTimeout(w.cluster.ctx, patience)
			if again, err := w.consumer(ctx); err == nil {
				consumer = again
			}
			cancel()
		}
	}
}

// missing reports whether err may mean that the consumer is gone.
func missing(err error) bool {
	return errors.Is(err, nats.ErrNoResponders) || errors.Is(err, jetstream.ErrConsumerDeleted) ||
		errors.Is(err, jetstream.ErrConsumerNotFound)
}

// reserve waits until there is room for a job and takes up to a lane's share of
// what there is. It returns 0 when the Cluster is drained.
func (w *worker) reserve() (n int) {
	select {
	case <-w.cluster.stop:
		return 0
	default:
	}
	select {
	case <-w.cluster.stop:
		return 0
	case w.slots <- struct{}{}:
	}
	for n = 1; n < (w.limit+lanes-1)/lanes; n++ {
		select {
		case w.slots <- struct{}{}:
		default:
			return n
		}
	}
	return n
}

func (w *worker) giveBack(n int) {
	for range n {
		<-w.slots
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
