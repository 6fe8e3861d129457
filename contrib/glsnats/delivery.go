package glsnats

import (
	"fmt"

	"github.com/nats-io/nats.go"

	"github.com/seed18162548/contextvars/gls"
)

// A delivery is a message with a job, and what is known of it.
type delivery struct {
	outcome

	// Immutable after Open.

	msg      *nats.Msg
	job      Job
	bindings []gls.Binding // what the job is to be run with
	headers  carrier       // what Propagate's functions see
	number   int           // number of times that the server has delivered the job
	seq      uint64        // in the stream

	past
	context gls.Context // the function's
	// returned gets what the function returned. It is nil if the goroutine that
	// settles the job calls the function itself.
	returned chan error
}

// Open makes d the job of m. It implements fetch.Handler.
func (w *worker) Open(m *nats.Msg, d *delivery) error {
	meta, err := m.Metadata()
	if err == nil && m.Subject != w.subject { // the inbox is not secret
		err = nats.ErrBadSubject
	}
	if err != nil {
		return fmt.Errorf("job %s: %w", w.name, err)
	}
	id := jobID(w.name, m.Header)
	if id == "" { // published by other means
		id = fmt.Sprintf("%s-%d", meta.Stream, meta.Sequence.Stream)
	}
	d.msg, d.number, d.seq = m, int(meta.NumDelivered), meta.Sequence.Stream
	d.conn = w.client.conn
	d.bindings, d.headers = w.client.extract(m.Header, m.Size()-len(m.Data))
	d.job = Job{
		Name:    w.name,
		ID:      id,
		Payload: m.Data,
		Try:     d.number,
		Stored:  meta.Timestamp,
		ctx:     w.client.ctx,
		outcome: &d.outcome,
	}
	return nil
}

// key identifies the job, even if the stream was deleted and another job has
// its place now.
func (d *delivery) key() string {
	return fmt.Sprintf("%d-%x", d.seq, d.job.Stored.UnixNano())
}
