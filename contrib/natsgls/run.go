package natsgls

import (
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

// ErrPermanent is for errors of functions that another try would not help: a
// job that fails with an error that is ErrPermanent becomes a dead letter at
// once.
var ErrPermanent = errors.New("natsgls: permanent failure")

// errNotRun is the failure of a job whose Propagate function did not run it.
var errNotRun = errors.New("natsgls: the function around the job did not run it")

// start runs the job that came as m in a goroutine of its own, which gets the
// room that was reserved for it.
func (w *worker) start(m jetstream.Msg) {
	w.cluster.working.Add(1)
	spawn.Detached(func() {
		defer w.cluster.working.Done()
		defer w.giveBack(1)
		w.run(m)
	})
}

// run runs the job that came as m and settles what becomes of it.
func (w *worker) run(m jetstream.Msg) {
	c := w.cluster
	j, err := w.job(m)
	if err != nil {
		c.onError(fmt.Errorf("natsgls: job %s: %w", w.name, err))
		return
	}
	defer w.keepAlive(m)()
	c.counters.runs.Add(1)
	if j.Try > 1 {
		c.counters.redelivered.Add(1)
	}
	if j.Try > w.tries {
		// The workers that had it died, or it never reached them.
		w.bury(m, j, errors.New("delivered as often as it may be, and never answered"))
		return
	}
	returned := false
	defer func() {
		if !returned { // Goexit; or a panic, which is about to crash the program
			c.counters.failed.Add(1)
			c.note(j, m.NakWithDelay(w.backoff(j.Try)))
		}
	}()
	err = w.call(m, j)
	returned = true
	w.settle(m, j, err)
}

// call calls the function in a fresh Context, with what m carries bound, and
// drops whatever is bound there afterwards.
func (w *worker) call(m jetstream.Msg, j Job) error {
	c := w.cluster
	h := carrier(m.Headers())
	bindings, fits := c.extract(m.Headers())
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
func (w *worker) settle(m jetstream.Msg, j Job, err error) {
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
func (c *Cluster) reply(m jetstream.Msg, j Job, data []byte, failed bool) {
	subject := c.replySubject(m.Headers())
	if subject == "" {
		return
	}
	r := &nats.Msg{Subject: subject, Data: data}
	if failed {
		r.Header = nats.Header{failedHeader: {"1"}}
	}
	c.note(j, c.conn.PublishMsg(r))
}

// keepAlive tells the server that the job is being worked on, three times in
// AckWait, until stop is called.
func (w *worker) keepAlive(m jetstream.Msg) (stop func()) {
	third := w.ackWait / 3
	var beat *time.Timer
	beat = time.AfterFunc(time.Hour, func() {
		if m.InProgress() == nil { // which it is not once the job was settled
			beat.Reset(third)
		}
	})
	beat.Reset(third) // not before beat is assigned
	return func() { beat.Stop() }
}

// note hands errors of settling j to OnError: the job will be delivered again. To
// Close is to ask for that.
func (c *Cluster) note(j Job, err error) {
	if err != nil && c.ctx.Err() == nil {
		c.onError(fmt.Errorf("natsgls: job %s %s: %w", j.Name, j.ID, closed(err)))
	}
}
