package glsnats

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
)

// A server that does not permit a message reports that as an error of the
// connection, not as the answer to the message. denials passes these errors to
// the goroutines that wait for an answer in ask.
type denials struct {
	mu   sync.Mutex
	ring attempt // those that wait; guarded by mu
}

// An attempt waits for an answer to what it has published.
type attempt struct {
	subject    string // published to; one that ends in a dot stands for all that begin so
	cancel     context.CancelFunc
	err        error    // why it will get none; under mu of its denials
	prev, next *attempt // under mu of its denials
}

func (d *denials) init() { d.ring.prev, d.ring.next = &d.ring, &d.ring }

func (d *denials) watch(a *attempt) {
	d.mu.Lock()
	defer d.mu.Unlock()
	a.prev, a.next = d.ring.prev, &d.ring
	a.prev.next, d.ring.prev = a, a
}

// end removes a and returns the reason why it got no answer, if the server has
// given one.
func (d *denials) end(a *attempt) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	a.prev.next, a.next.prev = a.next, a.prev
	return a.err
}

// tell ends the attempts that are concerned by err.
func (d *denials) tell(err error, concerned func(subject string) bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	for a := d.ring.next; a != &d.ring; a = a.next {
		if concerned(a.subject) {
			a.err = err
			a.cancel()
		}
	}
}

// denied returns a function that reports whether err, an error of the
// connection, means that what was published to a subject gets no answer. It
// returns nil if err is about something else.
func denied(err error) (concerned func(subject string) bool) {
	if !errors.Is(err, nats.ErrPermissionViolation) {
		return nil
	}
	if strings.Contains(strings.ToLower(err.Error()), "for subscription") {
		return everything // without its inbox a connection gets no answers
	}
	_, text, _ := strings.Cut(err.Error(), `"`)
	subject, _, _ := strings.Cut(text, `"`)
	return func(s string) bool {
		return s == subject || strings.HasSuffix(s, ".") && strings.HasPrefix(subject, s)
	}
}

func everything(string) bool { return true }

// ask calls f, which publishes to subject and waits for the answer, for as long
// as patience lasts. It returns why there was none, as far as that is known.
func (c *Client) ask(ctx context.Context, patience time.Duration, subject string, f func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	a := &attempt{subject: subject, cancel: cancel}
	c.denials.watch(a)
	err := f(ctx)
	if denied := c.denials.end(a); denied != nil {
		return denied
	}
	if err != nil && errors.Is(err, ctx.Err()) {
		return c.unanswered(err)
	}
	return err
}

// lost returns why there are no answers from a connection that was lost.
func lost(conn *nats.Conn) error {
	if conn.IsClosed() {
		return nats.ErrConnectionClosed
	}
	return nats.ErrDisconnected
}

// unanswered returns why there was no answer in time, instead of err, if that
// is known.
func (c *Client) unanswered(err error) error {
	if c.conn.IsConnected() || c.conn.IsClosed() {
		return err
	}
	if last := c.conn.LastError(); last != nil {
		return fmt.Errorf("%w (%w)", nats.ErrDisconnected, last)
	}
	return nats.ErrDisconnected
}

// listenTo passes errors of the connection to the goroutines that wait, and to
// OnError. It keeps the handlers that the user has set.
func (c *Client) listenTo(o *nats.Options) error {
	async, gone, closed := o.AsyncErrorCB, o.DisconnectedErrCB, o.ClosedCB
	o.AsyncErrorCB = func(conn *nats.Conn, sub *nats.Subscription, err error) {
		if concerned := denied(err); concerned != nil {
			c.denials.tell(err, concerned)
			c.answers.fail(err, concerned)
		}
		c.onError(fmt.Errorf("glsnats: connection: %w", err))
		if async != nil {
			async(conn, sub, err)
		}
	}
	o.DisconnectedErrCB = func(conn *nats.Conn, err error) {
		c.answers.fail(lost(conn), everything)
		if err != nil {
			c.onError(fmt.Errorf("glsnats: connection lost, to be made again: %w", err))
		}
		if gone != nil {
			gone(conn, err)
		}
	}
	o.ClosedCB = func(conn *nats.Conn) {
		c.answers.fail(nats.ErrConnectionClosed, everything)
		if closed != nil {
			closed(conn)
		}
	}
	return nil
}
