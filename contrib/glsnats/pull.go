package glsnats

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

// A pull stays open for pullTime. A server that dies takes it along: it counts as
// lost after pullGrace more. Both are short: that is how long a worker may be
// idle then, and how long a drain takes, which does not cut a pull off, since
// what is on its way would be lost until AckWait is over.
const (
	pullTime  = time.Second
	pullGrace = time.Second
)

const (
	tendEvery = 250 * time.Millisecond // how often a puller looks after its pull and its jobs
	failPause = 500 * time.Millisecond // after a pull that failed
)

// A puller takes jobs from the queue, one pull after the other, each for as many
// jobs as there is room for. So none waits in this process while its AckWait runs
// and other processes are idle. The package jetstream keeps jobs waiting in a
// buffer, or starts a subscription for every pull; hence this one.
//
// With one pull open at a time it is always known how many jobs are to come. Where
// functions are fast, pulls are as large as the limit, and the way to the server
// and back between two of them does not count; where they are slow they are
// small, and it does not count either.
type puller struct {
	source
	inbox string // subject of what comes, without the number of the pull; immutable after begin

	mu      sync.Mutex
	pulls   int         // number of the last pull; guarded by mu
	left    int         // jobs that it may still bring; guarded by mu
	until   time.Time   // when it is lost; guarded by mu
	paused  bool        // a pull failed, the next one is not yet due; guarded by mu
	held    delivery    // the ring of jobs that run or wait; guarded by mu
	holding int         // length of the ring; guarded by mu
	waiting []*delivery // came beyond the limit, from a pull that was given up; guarded by mu
	ended   bool        // tend has returned; guarded by mu
}

// A source is where a puller takes jobs from, and what it does with them.
type source struct {
	// All fields are immutable.

	conn    *nats.Conn
	request string                // subject to ask at
	limit   int                   // jobs to be held at the same time
	beat    time.Duration         // from one sign of life to the next
	read    func(*delivery) error // fills in the job
	run     func(*delivery)
	refuse  func(error)     // called for what read refuses
	repair  func(error)     // called after a pull that failed
	stop    <-chan struct{} // closed when no more jobs are to be taken
}

// A delivery is a message with a job, and what becomes of it. It is read where it
// arrives rather than in the job's goroutine: that is new, and its stack, which is
// small, would have to be moved for it.
type delivery struct {
	outcome
	msg *nats.Msg // immutable

	// Immutable once they were read.

	job      Job
	bindings []gls.Binding // what the job is to be run with
	headers  carrier       // what Propagate's functions see

	due        time.Time // for a sign of life; under mu of its puller
	prev, next *delivery // in the ring of its puller; under mu of that
}

// begin subscribes, pulls, and calls run for what comes, in a goroutine each,
// until stop is closed and the last job has ended. It then calls done.
func (p *puller) begin(done func()) error {
	p.inbox = p.conn.NewInbox() + "."
	p.held.prev, p.held.next = &p.held, &p.held
	sub, err := p.conn.Subscribe(p.inbox+"*", p.arrive)
	if err != nil {
		return err
	}
	p.mu.Lock()
	p.pull()
	p.mu.Unlock()
	spawn.Detached(func() {
		defer done()
		p.tend()
		_ = sub.Unsubscribe() // it fails if the connection is closed, which does as well
	})
	return nil
}

// pull asks for as many jobs as there is room for, unless a pull is open. mu must
// be held.
func (p *puller) pull() {
	room := p.limit - p.holding
	if p.left > 0 || room <= 0 || p.paused || p.ended || p.stopped() {
		return
	}
	p.pulls++
	p.left = room
	p.until = time.Now().Add(pullTime + pullGrace)
	ask := fmt.Appendf(nil, `{"batch":%d,"expires":%d}`, room, pullTime.Nanoseconds())
	if err := p.conn.PublishRequest(p.request, p.inbox+strconv.Itoa(p.pulls), ask); err != nil {
		p.fail(err)
	}
}

func (p *puller) stopped() bool {
	select {
	case <-p.stop:
		return true
	default:
		return false
	}
}

// fail ends the pull; the next one comes after repair and a pause. mu must be
// held.
func (p *puller) fail(err error) {
	p.left, p.paused = 0, true
	spawn.Detached(func() {
		p.repair(err)
		pause := time.NewTimer(failPause)
		defer pause.Stop()
		select {
		case <-pause.C:
		case <-p.stop:
		}
		p.mu.Lock()
		defer p.mu.Unlock()
		p.paused = false
		p.pull()
	})
}

// arrive gets what comes to the inbox: jobs, and what the server says about
// pulls, under their number.
func (p *puller) arrive(m *nats.Msg) {
	if number, ok := strings.CutPrefix(m.Subject, p.inbox); ok {
		p.mu.Lock()
		defer p.mu.Unlock()
		if number == strconv.Itoa(p.pulls) && p.left > 0 {
			p.status(m)
		}
		return
	}
	d := &delivery{msg: m, due: time.Now().Add(p.beat)}
	if err := p.read(d); err != nil {
		p.refuse(err)
		return
	}
	switch taken, now := p.take(d); {
	case !taken:
		_ = m.Nak() // so that another worker has it at once; else AckWait does
	case now:
		p.start(d)
	}
}

// take holds d, and reports whether it does, and whether d is to be started now.
func (p *puller) take(d *delivery) (taken, now bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return false, false
	}
	now = p.holding-len(p.waiting) < p.limit
	if !now {
		p.waiting = append(p.waiting, d)
	}
	d.prev, d.next = p.held.prev, &p.held
	d.prev.next, p.held.prev = d, d
	p.holding++
	if p.left > 0 {
		p.left--
	}
	p.pull()
	return true, now
}

// status takes what the server says about the open pull. mu must be held.
func (p *puller) status(m *nats.Msg) {
	switch code := m.Header.Get("Status"); code {
	case "100": // a sign of life
	case "404", "408": // no jobs, for now
		p.left = 0
		p.pull()
	case "503":
		p.fail(nats.ErrNoResponders)
	default:
		p.fail(fmt.Errorf("%s %s", code, m.Header.Get("Description")))
	}
}

// start runs d in a goroutine of its own.
func (p *puller) start(d *delivery) {
	spawn.Detached(func() {
		defer p.finish(d)
		p.run(d)
	})
}

// finish gives the room of d, which was settled, to the next.
func (p *puller) finish(d *delivery) {
	if next := p.drop(d); next != nil {
		p.start(next)
	}
}

// drop holds d no more, and returns the one that is to be started in its place.
func (p *puller) drop(d *delivery) (next *delivery) {
	p.mu.Lock()
	defer p.mu.Unlock()
	d.prev.next, d.next.prev = d.next, d.prev
	p.holding--
	if len(p.waiting) > 0 {
		next, p.waiting = p.waiting[0], p.waiting[1:]
		return next
	}
	p.pull()
	return nil
}

// tend gives pulls up that are lost and tells the server which jobs are still
// held. It returns when the worker has stopped and holds nothing.
func (p *puller) tend() {
	tick := time.NewTicker(tendEvery)
	defer tick.Stop()
	for !p.over() {
		p.look(<-tick.C)
	}
}

// over reports whether nothing is left to do, and if so, that it is.
func (p *puller) over() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.ended = p.stopped() && !p.paused && p.holding == 0 && (p.left == 0 || p.conn.IsClosed())
	return p.ended
}

// look gives the open pull up if it is lost, and gives a sign of life for jobs
// that are due.
func (p *puller) look(now time.Time) {
	var due []*delivery
	p.mu.Lock()
	if p.left > 0 && now.After(p.until) {
		p.left = 0
	}
	p.pull()
	for d := p.held.next; d != &p.held; d = d.next {
		if !now.Before(d.due) {
			d.due = now.Add(p.beat)
			due = append(due, d)
		}
	}
	p.mu.Unlock()
	for _, d := range due {
		// It fails if the job was settled meanwhile or the connection is closed.
		_ = d.msg.InProgress()
	}
}
