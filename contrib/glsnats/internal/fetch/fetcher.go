package fetch

import (
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/seed18162548/contextvars/spawn"
)

// A Handler opens and runs the jobs that a [Fetcher] takes. Its methods must be
// safe for concurrent use.
type Handler[J any] interface {
	// Open makes job, which is zero, that of m. It is called where messages
	// arrive, one after the other, and must not block. If it fails, the message
	// is left to the server, which delivers it again.
	Open(m *nats.Msg, job *J) error
	// Run runs a job and settles its message. It is called on its own goroutine.
	// When it returns, there is room for another job.
	Run(job *J)
}

// A Config configures a [Fetcher].
type Config[J any] struct {
	// All fields are immutable.

	Conn    *nats.Conn
	Request string        // subject for pull requests
	Limit   int           // maximum number of jobs held at the same time
	Bytes   int64         // maximum total size of these; 0 means no limit
	Budget  *Budget       // limits what is on its way
	Gate    *Gate         // no pull is made while it is closed
	Beat    time.Duration // interval of heartbeats
	Slow    time.Duration // time after which a job is reported
	Stop    <-chan struct{}
	Handler Handler[J]

	// Failed is called with errors, on its own goroutine. The next pull waits until
	// it returns.
	Failed func(error)
	// Overdue is called with a job that has been held for longer than Slow, and
	// again each time that duration has doubled.
	Overdue func(job *J, held time.Duration)
	// Now is the clock. It may jump.
	Now func() time.Time
}

// A Fetcher takes jobs from the queue. Each pull asks for as many jobs as there
// is room for, so no job waits in this process while its AckWait runs and other
// processes are idle. Package jetstream keeps jobs waiting in a buffer, or
// makes a subscription for every pull.
//
// Only one pull is open at a time, so it is always known how many jobs may
// arrive. If functions are fast, pulls are as large as the limit, and the round
// trip to the server between two pulls does not matter; if functions are slow,
// it does not matter either.
type Fetcher[J any] struct {
	Config[J]
	inbox string // subject for jobs, without the number of the pull; immutable after Start

	mu      sync.Mutex
	pull    pull           // the last one; guarded by mu
	paused  bool           // whether a pull failed and the next one is not yet due; guarded by mu
	held    delivery[J]    // the ring of jobs that run or wait, oldest first; guarded by mu
	holding int            // length of the ring; guarded by mu
	bytes   int64          // of the jobs in it; guarded by mu
	waiting []*delivery[J] // jobs beyond the limit, from a pull that was given up; guarded by mu
	last    time.Time      // the last tick; guarded by mu
	ended   bool           // tend has returned; guarded by mu
}

// A delivery is a message with a job. It is opened where it arrives and not on
// the job's goroutine, whose new, small stack would have to grow for that.
type delivery[J any] struct {
	msg *nats.Msg // immutable
	job J         // the Handler's

	since      time.Time     // when it came; under mu of its fetcher
	due        time.Time     // for a sign of life; under mu of its fetcher
	report     time.Duration // when it is next reported as slow; under mu of its fetcher
	prev, next *delivery[J]  // in the ring of its fetcher; under mu of that
}

// Start subscribes, pulls, and runs each job on its own goroutine, until Stop
// is closed and the last job has ended. It then calls done. If the connection
// is closed or the server does not permit this, Start returns an error and does
// not call done.
func Start[J any](c Config[J], done func()) (*Fetcher[J], error) {
	f := &Fetcher[J]{Config: c, inbox: c.Conn.NewInbox() + "."}
	f.held.prev, f.held.next = &f.held, &f.held
	f.last = f.Now()
	var sub *nats.Subscription
	err := Permitted(c.Conn, func() (err error) {
		if sub, err = c.Conn.Subscribe(f.inbox+"*", f.arrive); err == nil {
			// No limit is needed, because only jobs that were asked for arrive.
			err = sub.SetPendingLimits(-1, -1)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	c.Budget.fetchers.Add(1)
	err = Permitted(c.Conn, func() error {
		f.mu.Lock()
		defer f.mu.Unlock()
		f.ask()
		return nil
	})
	if err != nil {
		f.mu.Lock()
		f.ended = true
		f.mu.Unlock()
		c.Budget.fetchers.Add(-1)
		_ = sub.Unsubscribe() // it fails if the connection is closed, which is fine
		return nil, err
	}
	spawn.Detached(func() {
		defer done()
		f.tend()
		c.Budget.fetchers.Add(-1)
		_ = sub.Unsubscribe() // as above
	})
	return f, nil
}

func (f *Fetcher[J]) stopped() bool {
	select {
	case <-f.Stop:
		return true
	default:
		return false
	}
}

// Held returns the jobs that are held, oldest first.
func (f *Fetcher[J]) Held() []*J {
	f.mu.Lock()
	defer f.mu.Unlock()
	jobs := make([]*J, 0, f.holding)
	for d := f.held.next; d != &f.held; d = d.next {
		jobs = append(jobs, &d.job)
	}
	return jobs
}

// Oldest returns the job that has been held for longest, and for how long. It
// reports whether there is one.
func (f *Fetcher[J]) Oldest() (job *J, held time.Duration, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d := f.held.next
	if d == &f.held {
		return nil, 0, false
	}
	return &d.job, f.Now().Sub(d.since), true
}

// Holding returns the number of jobs that are held.
func (f *Fetcher[J]) Holding() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.holding
}
