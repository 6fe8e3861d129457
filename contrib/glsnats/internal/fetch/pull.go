package fetch

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/seed18162548/contextvars/spawn"
)

// A pull stays open for pullTime. If the server dies, the pull counts as lost
// after pullGrace more. Both are short, because a worker may be idle for that
// time, and a drain takes as long: it does not cut off a pull, because jobs on
// their way would be lost until AckWait is over.
const (
	pullTime  = time.Second
	pullGrace = time.Second
)

const failPause = 500 * time.Millisecond // after a pull that failed

// ErrPull is returned, wrapped with the server's text, for a pull that the
// server refused or ended for another reason than that there are no jobs.
var ErrPull = errors.New("pull failed")

// A pull is a request for jobs. Under mu of its fetcher.
type pull struct {
	number  int
	left    int       // jobs that it may still bring; 0 is a closed pull
	brought int       // jobs that it has brought
	until   time.Time // when it is lost
	whole   bool      // whether the next one asks for one job, however large
}

// ask opens a pull for as many jobs as there is room for, unless one is open.
// mu must be held.
func (f *Fetcher[J]) ask() {
	jobs, bytes := f.room()
	p := &f.pull
	if p.left > 0 || jobs <= 0 || f.paused || f.ended || f.stopped() || !f.Gate.Open() {
		return
	}
	p.number++
	p.left, p.brought = jobs, 0
	p.until = f.Now().Add(pullTime + pullGrace)
	ask := fmt.Appendf(nil, `{"batch":%d,"max_bytes":%d,"expires":%d}`, jobs, bytes, pullTime.Nanoseconds())
	if p.whole {
		p.left, p.whole = 1, false
		ask = fmt.Appendf(nil, `{"batch":1,"expires":%d}`, pullTime.Nanoseconds())
	}
	if err := f.Conn.PublishRequest(f.Request, f.inbox+strconv.Itoa(p.number), ask); err != nil {
		f.fail(err)
	}
}

// room returns how many jobs, and bytes of them, may be asked for. mu must be
// held.
func (f *Fetcher[J]) room() (jobs int, bytes int64) {
	jobs, bytes = f.Limit-f.holding, f.Budget.share()
	if f.Bytes > 0 && f.holding > 0 {
		left := f.Bytes - f.bytes
		if left < f.Budget.message {
			return 0, 0 // the next message might not fit
		}
		bytes = min(bytes, left)
	} else if f.Bytes > 0 {
		bytes = min(bytes, max(f.Bytes, f.Budget.message))
	}
	return jobs, bytes
}

// fail closes the pull; the next one is made after Failed returns and a pause.
// mu must be held.
func (f *Fetcher[J]) fail(err error) {
	f.pull.left, f.paused = 0, true
	spawn.Detached(func() {
		f.Failed(err)
		pause := time.NewTimer(failPause)
		defer pause.Stop()
		select {
		case <-pause.C:
		case <-f.Stop:
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.paused = false
		f.ask()
	})
}

// status handles a status message about the open pull. mu must be held.
func (f *Fetcher[J]) status(m *nats.Msg) {
	code, text := m.Header.Get("Status"), m.Header.Get("Description")
	switch {
	case code == "100": // a heartbeat
	case code == "404", code == "408", code == "409" && text == "Batch Completed": // no jobs, for now
		f.pull.left = 0
		f.ask()
	case code == "409" && text == "Message Size Exceeds MaxBytes":
		// The next job exceeds what was left of the limit, or the whole limit, if it
		// was stored when messages could be larger.
		f.pull.left, f.pull.whole = 0, f.pull.brought == 0
		f.ask()
	case code == "503":
		f.fail(nats.ErrNoResponders)
	default:
		f.fail(fmt.Errorf("%w: %s %s", ErrPull, code, text))
	}
}

// arrive handles messages to the inbox: jobs, and status messages about pulls,
// which have their number.
func (f *Fetcher[J]) arrive(m *nats.Msg) {
	if number, ok := strings.CutPrefix(m.Subject, f.inbox); ok {
		f.mu.Lock()
		defer f.mu.Unlock()
		if number == strconv.Itoa(f.pull.number) && f.pull.left > 0 {
			f.status(m)
		}
		return
	}
	d := &delivery[J]{msg: m}
	if err := f.Handler.Open(m, &d.job); err != nil {
		spawn.Detached(func() { f.Failed(err) })
		return
	}
	switch taken, now := f.take(d); {
	case !taken:
		_ = m.Nak() // so that another worker has it at once; if that fails, after AckWait
	case now:
		f.start(d)
	}
}

// take holds d unless the fetcher has stopped. It reports whether it does, and
// whether d is to be started now.
func (f *Fetcher[J]) take(d *delivery[J]) (taken, now bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended {
		return false, false
	}
	d.since = f.Now()
	d.due, d.report = d.since.Add(f.Beat), f.Slow
	now = f.holding-len(f.waiting) < f.Limit
	if !now {
		f.waiting = append(f.waiting, d)
	}
	d.prev, d.next = f.held.prev, &f.held
	d.prev.next, f.held.prev = d, d
	f.holding++
	f.bytes += int64(d.msg.Size())
	if f.pull.left > 0 {
		f.pull.left--
		f.pull.brought++
	}
	f.ask()
	return true, now
}

// start runs d on its own goroutine.
func (f *Fetcher[J]) start(d *delivery[J]) {
	spawn.Detached(func() {
		grow()
		defer f.finish(d)
		f.Handler.Run(&d.job)
	})
}

// jobStack is about how much stack there is below the function of a job.
const jobStack = 2500

// grow has the stack of a new goroutine grow at once to what a job needs in any
// case, as long as there is nothing on it. Later, ten calls deep, that takes
// the runtime twice as long.
//
//go:noinline
func grow() {
	var room [jobStack]byte
	touch(&room)
}

//go:noinline
func touch(*[jobStack]byte) {}

// finish gives the place of d, which was settled, to the next job.
func (f *Fetcher[J]) finish(d *delivery[J]) {
	if next := f.drop(d); next != nil {
		f.start(next)
	}
}

// drop stops holding d and returns the delivery to start in its place, or nil.
func (f *Fetcher[J]) drop(d *delivery[J]) (next *delivery[J]) {
	f.mu.Lock()
	defer f.mu.Unlock()
	d.prev.next, d.next.prev = d.next, d.prev
	f.holding--
	f.bytes -= int64(d.msg.Size())
	if len(f.waiting) > 0 {
		next, f.waiting = f.waiting[0], f.waiting[1:]
		return next
	}
	f.ask()
	return nil
}
