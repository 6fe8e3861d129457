package glsnats

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"

	"github.com/nats-io/nats.go"

	"github.com/seed18162548/contextvars/gls/glsctx"
)

// An order is a job to be submitted.
type order struct {
	ctx    context.Context
	id     string
	chosen bool // the caller gave the ID
}

// Go has a worker call the function that handles name, with payload and with
// what the caller has bound and exports. It returns nil once the job is stored:
// it will be run at least once from then on, whatever becomes of this process.
//
// A payload of type []byte goes as it is, any other as JSON. The attempts to
// store it, each with the same ID, end with [PublishDeadline], and with
// glsctx.Current, or the context of [Within]; the error then says what the last
// one that got an answer failed with. What waiting would not help, such as a
// full queue ([ErrFull]) or a missing permission, ends them at once. If Go
// returns an error, the job may have been stored all the same, unless nothing
// could be sent: submit it again with the same [ID].
func (c *Client) Go(name string, payload any, opts ...GoOption) error {
	_, err := c.submit(newOrder(opts), name, payload, "")
	return err
}

func newOrder(opts []GoOption) *order {
	o := &order{ctx: glsctx.Current()}
	for _, opt := range opts {
		if opt != nil {
			opt(o)
		}
	}
	if !o.chosen {
		o.id = rand.Text()
	}
	return o
}

// submit has o stored, with reply as where its result is to go, unless that is
// empty. It reports whether the job was there before the first attempt.
func (c *Client) submit(o *order, job string, payload any, reply string) (duplicate bool, err error) {
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
	m := &nats.Msg{Subject: c.jobSubject(job), Header: c.inject(), Data: data}
	m.Header.Set(nats.MsgIdHdr, wireID(job, o.id))
	if reply != "" {
		m.Header.Set(replyHeader, reply)
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

// validID reports whether id can be a header and tells jobs apart.
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
