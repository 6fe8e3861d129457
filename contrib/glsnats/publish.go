package glsnats

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"github.com/nats-io/nats.go"

	"github.com/seed18162548/contextvars/gls/glsctx"
)

// An order is a job to submit.
type order struct {
	ctx    context.Context
	id     string
	chosen bool // whether the caller chose the ID
}

// Go submits a job: a worker calls the function that handles name, with payload
// and with the exported variables that the caller has bound. Go returns nil
// once the job is stored. The job will then be run at least once, whatever
// happens to this process.
//
// A payload of type []byte is sent unchanged, any other as JSON. Go tries to
// store the job, each time with the same ID, until [PublishDeadline] or until
// glsctx.Current or the context of [Within] ends; the error then says why the
// last attempt that got an answer failed. If waiting would not help, as with a
// full queue ([ErrFull]) or a missing permission, Go returns at once. If it
// returns an error, the job may nevertheless have been stored, unless nothing
// could be sent: submit it again with the same [ID].
//
// The payload and the headers must fit in a message with 256 bytes to spare,
// which a dead letter needs. Otherwise Go returns nats.ErrMaxPayload.
func (c *Client) Go(name string, payload any, opts ...GoOption) error {
	_, err := c.submit(newOrder(opts), name, payload, "")
	return err
}

func newOrder(opts []GoOption) order {
	o := order{ctx: glsctx.Current()}
	if len(opts) > 0 {
		o = o.with(opts)
	}
	if !o.chosen {
		o.id = rand.Text()
	}
	return o
}

// with returns o with opts applied. It is apart because that order escapes to
// the heap.
func (o order) with(opts []GoOption) order {
	for _, opt := range opts {
		if opt != nil {
			opt(&o)
		}
	}
	return o
}

// submit stores o, with reply as the subject for its result unless that is
// empty. It reports whether the job was stored before the first attempt.
func (c *Client) submit(o order, job string, payload any, reply string) (duplicate bool, err error) {
	if !isName(job) {
		return false, fmt.Errorf("%w %q of a job", ErrName, job)
	}
	if !validID(o.id) {
		return false, ErrID
	}
	if err := c.familiar(o.ctx, job); err != nil {
		return false, fmt.Errorf("glsnats: job %s: %w", job, closed(err))
	}
	data, err := encode(payload)
	if err != nil {
		return false, fmt.Errorf("glsnats: payload of %s: %w", job, err)
	}
	// The subject and the ID are parts of one string: a job has both.
	both := c.jobSubject(job) + "/" + o.id
	subject, wireID := both[:len(both)-len(o.id)-1], both[len(both)-len(o.id)-1-len(job):]
	m := &nats.Msg{Subject: subject, Header: c.inject(wireID, reply), Data: data}
	if c.tooLarge(m) {
		return false, fmt.Errorf("glsnats: job %s: %w", job, nats.ErrMaxPayload)
	}
	duplicate, err = c.store(o.ctx, m)
	switch {
	case err != nil:
		return false, fmt.Errorf("glsnats: job %s: %w", job, closed(err))
	case duplicate:
		c.counters.duplicates.Add(1)
	default:
		c.counters.submitted.Add(1)
	}
	return duplicate, nil
}

// tooLarge reports whether m is too large for a job.
func (c *Client) tooLarge(m *nats.Msg) bool {
	if len(m.Data)+2*MaxHeaderBytes+letterRoom <= c.usualPayload {
		return false // whatever its headers
	}
	return m.Size()-len(m.Subject)+letterRoom > int(c.conn.MaxPayload())
}

// validID reports whether id can be the ID of a job and the value of a header.
func validID(id string) bool {
	if id == "" || len(id) > 256 {
		return false
	}
	for i := 0; i < len(id); i++ {
		if id[i] <= ' ' || id[i] > '~' {
			return false
		}
	}
	return true
}

// encode returns x as the payload of a message.
func encode(x any) ([]byte, error) {
	if data, ok := x.([]byte); ok {
		return data, nil
	}
	return json.Marshal(x)
}

// decode is the inverse of encode; x must be a pointer.
func decode(data []byte, x any) error {
	if to, ok := x.(*[]byte); ok {
		*to = data
		return nil
	}
	return json.Unmarshal(data, x)
}
