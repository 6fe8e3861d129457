package glsnats

import (
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"

	"github.com/seed18162548/contextvars/gls"
)

// ErrPermanent is for errors of functions that another try would not help: a
// job that fails with an error that is ErrPermanent becomes a dead letter at
// once.
var ErrPermanent = errors.New("glsnats: permanent failure")

// errNotRun is the failure of a job whose Propagate function did not run it.
var errNotRun = errors.New("glsnats: the function around the job did not run it")

// run runs the job of d and settles what becomes of it.
func (w *worker) run(d *delivery) {
	c := w.cluster
	c.counters.runs.Add(1)
	if d.job.Try > 1 {
		c.counters.redelivered.Add(1)
	}
	if d.job.Try > w.tries {
		// The workers that had it died, or it never reached them.
		w.bury(d, errors.New("delivered as often as it may be, and never answered"))
		return
	}
	returned := false
	defer func() {
		if !returned { // Goexit; or a panic, which is about to crash the program
			w.again(d)
		}
	}()
	err := w.call(d)
	returned = true
	w.settle(d, err)
}

// call calls the function in a fresh Context, with what d carries bound, and
// drops whatever is bound there afterwards.
func (w *worker) call(d *delivery) error {
	c := w.cluster
	err := errNotRun
	run := func() {
		gls.With(func() { err = w.f(d.job) }, d.bindings...)
	}
	for i := len(c.propagators) - 1; i >= 0; i-- {
		around, next := c.propagators[i].around, run
		run = func() { around(d.headers, next) }
	}
	own := gls.NewContext()
	defer func() {
		if own.Len() > 0 {
			c.counters.leaky.Add(1)
		}
	}()
	own.Run(run)
	return err
}

// settle tells the server, and whoever waits for the result, what came of d.
func (w *worker) settle(d *delivery, err error) {
	c := w.cluster
	switch {
	case err == nil:
		c.counters.done.Add(1)
		c.reply(d, d.result, false)
		c.note(d, d.msg.Ack())
	case d.job.Try >= w.tries, errors.Is(err, ErrPermanent):
		c.counters.failed.Add(1)
		w.bury(d, err)
	default:
		w.again(d)
	}
}

// again has the server deliver d once more, after a rest.
func (w *worker) again(d *delivery) {
	w.cluster.counters.failed.Add(1)
	w.cluster.note(d, d.msg.NakWithDelay(w.backoff(d.job.Try)))
}

// reply sends the result of d to the caller that waits for it, if one does.
func (c *Client) reply(d *delivery, data []byte, failed bool) {
	subject := c.replySubject(d.msg.Header)
	if subject == "" {
		return
	}
	r := &nats.Msg{Subject: subject, Data: data}
	if failed {
		r.Header = nats.Header{failedHeader: {"1"}}
	}
	c.note(d, c.conn.PublishMsg(r))
}

// note hands errors of settling d to OnError: the job will be delivered again. To
// Close is to ask for that.
func (c *Client) note(d *delivery, err error) {
	if err != nil && c.ctx.Err() == nil {
		c.onError(fmt.Errorf("glsnats: job %s %s: %w", d.job.Name, d.job.ID, closed(err)))
	}
}
