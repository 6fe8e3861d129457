package glsnats

import (
	"context"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// answers hands what the server answers to those who have published. So does
// nats.Conn, but for every request it needs a context for the time limit and
// makes a channel, and it uses the lock that everybody who sends has to take.
// Here all is used again, under a lock of its own: a third of what a job costs
// its producer in allocations.
//
// No answer goes to the wrong one. A number is used for one request only. The
// answer is sent to the channel under mu, and only while the number is among
// those that wait; and a waiter is used again only after it has been taken from
// there and its channel is empty.
type answers struct {
	conn  *nats.Conn // immutable after listen
	inbox string     // subject of answers, without the number; immutable after listen

	mu      sync.Mutex
	last    uint64             // number that was given; guarded by mu
	waiting map[uint64]*waiter // by number; guarded by mu
}

// A waiter waits for an answer to what it has published.
type waiter struct {
	subject string      // published to; under mu of its answers
	got     chan answer // has room for one; sent to under mu
	timer   *time.Timer
}

// An answer is a message, or why there is none.
type answer struct {
	msg *nats.Msg
	err error
}

var waiters = sync.Pool{New: func() any {
	w := &waiter{got: make(chan answer, 1), timer: time.NewTimer(time.Hour)}
	w.timer.Stop()
	return w
}}

func (a *answers) init() { a.waiting = map[uint64]*waiter{} }

// listen subscribes to answers in conn.
func (a *answers) listen(conn *nats.Conn) error {
	a.conn, a.inbox = conn, conn.NewInbox()+"."
	_, err := conn.Subscribe(a.inbox+"*", a.deliver)
	return err
}

// request publishes m, whose Reply it sets, and returns the answer. It waits
// for no longer than patience.
func (a *answers) request(ctx context.Context, m *nats.Msg, patience time.Duration) (*nats.Msg, error) {
	w := waiters.Get().(*waiter)
	number := a.expect(w, m.Subject)
	defer a.forget(w, number)
	m.Reply = a.inbox + strconv.FormatUint(number, 10)
	if err := a.conn.PublishMsg(m); err != nil {
		return nil, err
	}
	w.timer.Reset(patience)
	defer w.timer.Stop()
	select {
	case got := <-w.got:
		return got.msg, got.err
	case <-w.timer.C:
		return nil, context.DeadlineExceeded
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// expect has w wait for an answer to what will be published to subject, under
// the number that it returns.
func (a *answers) expect(w *waiter, subject string) (number uint64) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last++
	w.subject = subject
	a.waiting[a.last] = w
	return a.last
}

// forget has w, which has that number, wait no longer.
func (a *answers) forget(w *waiter, number uint64) {
	a.mu.Lock()
	delete(a.waiting, number)
	a.mu.Unlock()
	select {
	case <-w.got: // it came too late
	default:
	}
	waiters.Put(w)
}

// deliver gets every answer. A second one, or a late one, finds nobody.
func (a *answers) deliver(m *nats.Msg) {
	number, err := strconv.ParseUint(strings.TrimPrefix(m.Subject, a.inbox), 10, 64)
	if err != nil {
		return // nobody has asked for it
	}
	got := answer{msg: m}
	if len(m.Data) == 0 && m.Header.Get("Status") == "503" {
		got = answer{err: nats.ErrNoResponders}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	if w := a.waiting[number]; w != nil {
		delete(a.waiting, number)
		w.got <- got
	}
}

// fail tells those who have published to a subject for which concerned returns
// true that there will be no answer, because of err.
func (a *answers) fail(err error, concerned func(subject string) bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for number, w := range a.waiting {
		if concerned(w.subject) {
			delete(a.waiting, number)
			w.got <- answer{err: err}
		}
	}
}
