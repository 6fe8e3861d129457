package natsgls

import (
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"

	"github.com/seed18162548/contextvars/gls"
)

// ErrPermanent is for errors of functions that another try would not help: a
// job that fails with an error that is ErrPermanent becomes a dead letter at
// once.
var ErrPermanent = errors.New("natsgls: permanent failure")

// errNotRun is the failure of a job whose Propagate function did not run it.
var errNotRun = errors.New("natsgls: the function around the job did not run it")

// run runs the job that came as m and settles what becomes of it.
func (w *worker) run(m *delivery) {
	c := w.cluster
	j, err := w.job(m.Msg)
	if err != nil {
		c.onError(fmt.Errorf("natsgls: job %s: %w", w.name, err))
		return
	}
	c.counters.runs.Add(1)
	if j.Try > 1 {
		c.counters.redelivered.Add(1)
	}
	if j.Try > w.tries {
		// The workers that had it died, or it never reached them.
		w.bury(m.Msg, j, errors.New("delivered as often as it may be, and never answered"))
		return
	}
	returned := false
	defer func() {
		if !returned { // Goexit; or a panic, which is about to crash the program
			c.counters.failed.Add(1)
			c.note(j, m.NakWithDelay(w.backoff(j.Try)))
		}
	}()
	err = w.call(m.Msg, j)
	returned = true
	w.settle(m.Msg, j, err)
}

// call calls the function in a fresh Context, with what m carries bound, and
// drops whatever is bound there afterwards.
func (w *worker) call(m *nats.Msg, j Job) error {
	c := w.cluster
	h := carrier(m.Header)
	bindings, fits := c.extract(m.Header)
	if !fits {
		h = nil
	}
	err := errNotRun
	run := func() {
		gls.With(func() { err = w.f(j) }, bindings...)
	}
	for i := len(c.propagators) - 1; i >= 0; i-- {
		around, next := c.propagators[i].around, run
		run = func() { around(h, next) }
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

// settle tells the server, and whoever waits for the result, what came of j.
func (w *worker) settle(m *nats.Msg, j Job, err error) {
	c := w.cluster
	switch {
	case err == nil:
		c.counters.done.Add(1)
		c.reply(m, j, j.outcome.result, false)
		c.note(j, m.Ack())
	case j.Try >= w.tries, errors.Is(err, ErrPermanent):
		c.counters.failed.Add(1)
		w.bury(m, j, err)
	default:
		c.counters.failed.Add(1)
		c.note(j, m.NakWithDelay(w.backoff(j.Try)))
	}
}

// reply sends the result of j to the caller that waits for it, if one does.
func (c *Cluster) reply(m *nats.Msg, j Job, data []byte, failed bool) {
	subject := c.replySubject(m.Header)
	if subject == "" {
		return
	}
	r := &nats.Msg{Subject: subject, Data: data}
	if failed {
		r.Header = nats.Header{failedHeader: {"1"}}
	}
	c.note(j, c.conn.PublishMsg(r))
}

// note hands errors of settling j to OnError: the job will be delivered again. To
// Close is to ask for that.
func (c *Cluster) note(j Job, err error) {
	if err != nil && c.ctx.Err() == nil {
		c.onError(fmt.Errorf("natsgls: job %s %s: %w", j.Name, j.ID, closed(err)))
	}
}
