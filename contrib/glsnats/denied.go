package glsnats

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
)

// A server that does not permit a message reports that as an error of the
// connection, not as the answer to the message. denials passes these errors to
// the goroutines that wait for an answer.
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

// end returns why a got no answer, if the server has said that.
func (d *denials) end(a *attempt) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	a.prev.next, a.next.prev = a.next, a.prev
	return a.err
}

// tell ends the attempts that err, an error of the connection, is about.
func (d *denials) tell(err error) {
	if !errors.Is(err, nats.ErrPermissionViolation) {
		return
	}
	_, text, _ := strings.Cut(err.Error(), `"`)
	subject, _, _ := strings.Cut(text, `"`)
	// Without its inbox a connection gets no answer to anything.
	all := strings.Contains(strings.ToLower(err.Error()), "for subscription")
	d.mu.Lock()
	defer d.mu.Unlock()
	for a := d.ring.next; a != &d.ring; a = a.next {
		if all || a.subject == subject || strings.HasSuffix(a.subject, ".") && strings.HasPrefix(subject, a.subject) {
			a.err = err
			a.cancel()
		}
	}
}

// ask calls f, which publishes to subject and waits for the answer until ctx is
// done, of which cancel is. It returns why there was none, as far as that is
// known.
func (c *Client) ask(ctx context.Context, cancel context.CancelFunc, subject string, f func() error) error {
	a := &attempt{subject: subject, cancel: cancel}
	c.denials.watch(a)
	err := f()
	if denied := c.denials.end(a); denied != nil {
		return denied
	}
	if err != nil && errors.Is(err, ctx.Err()) && !c.conn.IsConnected() && !c.conn.IsClosed() {
		if last := c.conn.LastError(); last != nil {
			return fmt.Errorf("%w (%w)", nats.ErrDisconnected, last)
		}
		return nats.ErrDisconnected
	}
	return err
}

// listenTo has errors of the connection reach those that wait, and OnError. It
// keeps the handlers that the user has set.
func (c *Client) listenTo(o *nats.Options) error {
	async, gone := o.AsyncErrorCB, o.DisconnectedErrCB
	o.AsyncErrorCB = func(conn *nats.Conn, sub *nats.Subscription, err error) {
		c.denials.tell(err)
		c.onError(fmt.Errorf("glsnats: connection: %w", err))
		if async != nil {
			async(conn, sub, err)
		}
	}
	o.DisconnectedErrCB = func(conn *nats.Conn, err error) {
		if err != nil {
			c.onError(fmt.Errorf("glsnats: connection lost, to be made again: %w", err))
		}
		if gone != nil {
			gone(conn, err)
		}
	}
	return nil
}
