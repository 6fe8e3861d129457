package glsnats

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"time"

	"github.com/nats-io/nats.go"

	"github.com/seed18162548/contextvars/contrib/glsnats/internal/fetch"
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/spawn"
)

var (
	// ErrPermanent marks errors for which a retry would not help: a job that fails
	// with an error that wraps ErrPermanent becomes a dead letter at once.
	ErrPermanent = errors.New("glsnats: permanent failure")
	// ErrTimeLimit reports that the function of a job ran for longer than
	// [TimeLimit]. It is also the cause with which its context ends.
	ErrTimeLimit = errors.New("glsnats: time limit is over")
)

var (
	errNotRun = errors.New("glsnats: the function around the job did not run it")
	errGoexit = errors.New("the function called runtime.Goexit")
)

// A job that cannot start because a suspect is running goes back to the queue
// after patience, and rests there for as long, so that this process does not
// fetch it again at once.
const patience = time.Second

// A suspect waits for up to firstWait until the jobs that it must not run
// beside have ended. No new job begins meanwhile. If it waits in vain, other
// jobs run for restFactor times as long. The time doubles with each delivery,
// up to 128 times, so that a suspect gets its turn even if all jobs run for a
// long time.
const (
	firstWait   = 30 * time.Second
	mostDoubled = 7
	restFactor  = 4
)

// Run runs the job of d and reports the result to the server. It implements
// fetch.Handler.
func (w *worker) Run(d *delivery) {
	c := w.client
	if d.number > 1 && !w.resume(d) {
		return
	}
	suspect := d.memory.Suspect
	if !w.enter(d) {
		return
	}
	c.counters.runs.Add(1)
	if d.number > 1 {
		c.counters.redelivered.Add(1)
	}
	if w.timeLimit > 0 {
		w.limited(d, suspect)
		return
	}
	w.start(d, suspect)
}

// resume finds out how earlier deliveries of d ended, and reports whether d is
// to be run.
func (w *worker) resume(d *delivery) bool {
	if err := w.client.recall(d); err != nil {
		w.putOff(d, err)
		return false
	}
	if d.memory.hopeless(w.tries) {
		// The last worker died before it had stored the letter.
		w.bury(d, 0, errors.New(d.memory.Error))
		return false
	}
	return true
}

// enter waits until d may run beside the jobs that run in the process. If d is
// a suspect, enter records that it runs. It reports whether d is to be run.
func (w *worker) enter(d *delivery) bool {
	c, suspect := w.client, d.memory.Suspect
	if suspect == 0 {
		if process.Enter(patience, c.stop) {
			return true
		}
		w.putBack(d, patience)
		return false
	}
	wait := firstWait << min(max(d.number-2, 0), mostDoubled)
	switch process.EnterSuspect(suspect, wait, c.stop) {
	case fetch.Entered:
	case fetch.TooLong:
		w.putBack(d, restFactor*wait)
		return false
	default:
		w.putBack(d, patience)
		return false
	}
	d.remember(func(m *memory) { m.Company, m.Worker = suspect, c.results.inbox })
	if err := c.memorize(d); err != nil {
		process.Leave(suspect)
		w.putOff(d, err)
		return false
	}
	d.remember(func(m *memory) { m.Company, m.Worker, m.Suspect = 0, "", 0 }) // once it has returned
	return true
}

// putBack makes the server deliver d again, after a rest, if its function was
// not called.
func (w *worker) putBack(d *delivery, rest time.Duration) {
	c := w.client
	if d.memory.Suspect == 0 && c.ctx.Err() == nil { // otherwise it would become one
		if err := c.memorize(d); err != nil {
			w.putOff(d, err)
			return
		}
	}
	c.note(d, d.msg.NakWithDelay(rest))
}

// putOff is putBack because of err.
func (w *worker) putOff(d *delivery, err error) {
	c := w.client
	if errors.Is(err, errStale) {
		return
	}
	c.note(d, err)
	c.note(d, d.msg.NakWithDelay(patience))
}

// limited is like start but limits the time.
func (w *worker) limited(d *delivery, suspect int) {
	c := w.client
	ctx, cancel := context.WithCancelCause(c.ctx)
	defer cancel(nil)
	d.job.ctx = ctx
	d.returned = make(chan error, 1)
	spawn.Detached(func() { w.start(d, suspect) })
	timer := time.NewTimer(w.timeLimit)
	defer timer.Stop()
	select {
	case err := <-d.returned:
		w.leave(d, suspect, err)
	case <-timer.C:
		cancel(ErrTimeLimit)
		c.counters.overtime.Add(1)
		spawn.Detached(func() {
			<-d.returned //nolint:errcheck // the job has failed already
			process.Leave(suspect)
			c.counters.overtime.Add(^uint64(0))
		})
		c.onError(fmt.Errorf("%w: %s %s after %v", ErrTimeLimit, w.name, d.job.ID, w.timeLimit))
		w.settle(d, suspect, ErrTimeLimit)
	}
}

// start calls the function of d, which has entered the gate, and reports the
// result to the server or to limited.
func (w *worker) start(d *delivery, suspect int) {
	ended := false
	defer func() {
		switch {
		case ended:
		case goingExit():
			w.end(d, suspect, errGoexit)
		default: // a panic is about to crash the program
			w.client.lastWords(w, d)
		}
	}()
	err := w.call(d)
	ended = true
	w.end(d, suspect, err)
}

// end records that the function of d has returned err.
func (w *worker) end(d *delivery, suspect int, err error) {
	if d.returned != nil {
		d.returned <- err
		return
	}
	w.leave(d, suspect, err)
}

// leave settles d, whose function has returned err, and then lets it leave the
// gate. A suspect must not leave before: the next one might crash the process
// while the server does not yet know how this one ended.
func (w *worker) leave(d *delivery, suspect int, err error) {
	if suspect > 0 {
		defer process.Leave(suspect)
	} else {
		process.Leave(0)
	}
	w.settle(d, suspect, err)
}

// call calls the function in a new Context with the bindings that d carries,
// and drops what is bound there afterwards.
func (w *worker) call(d *delivery) (err error) {
	c := w.client
	defer func() { c.counters.leaks.Add(glsadapter.Leftover(&d.context, nil)) }()
	if len(c.propagators) > 0 {
		return w.callAround(d)
	}
	d.context.Run(func() {
		gls.With(func() { err = w.f(d.job) }, d.bindings...)
	})
	return err
}

// callAround is call with what Propagate was given around the function. It is
// apart because its functions escape to the heap.
func (w *worker) callAround(d *delivery) error {
	err := errNotRun
	run := func() {
		gls.With(func() { err = w.f(d.job) }, d.bindings...)
	}
	propagators := w.client.propagators
	for i := len(propagators) - 1; i >= 0; i-- {
		around, next := propagators[i].around, run
		run = func() { around(d.headers, next) }
	}
	d.context.Run(run)
	return err
}

// goingExit reports whether the deferred function that directly calls it runs
// because of runtime.Goexit rather than a panic. Recovering the panic to find
// out would lose the original trace.
func goingExit() bool {
	var pcs [8]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		frame, more := frames.Next()
		switch {
		case frame.Function == "runtime.Goexit":
			return true
		case strings.HasPrefix(frame.Function, "runtime."), !more:
			return false
		}
	}
}

// settle reports the result of d to the server and to the caller that waits for
// it.
func (w *worker) settle(d *delivery, suspect int, err error) {
	c := w.client
	if err == nil {
		c.counters.done.Add(1)
		c.reply(d, d.result, false)
		c.note(d, c.ack(d, suspect))
		c.forget(d)
		return
	}
	c.counters.failed.Add(1)
	if c.ctx.Err() != nil {
		return // it was abandoned; another worker will run it
	}
	d.remember(func(m *memory) {
		m.Failures++
		m.Error = line(err.Error())
		if errors.Is(err, ErrPermanent) {
			m.Permanent = true
		}
	})
	if d.memory.hopeless(w.tries) {
		w.bury(d, suspect, err)
		return
	}
	w.again(d)
}

var ackBody = []byte("+ACK")

// ack reports to the server that d is done. For a suspect it waits until the
// server has confirmed that.
func (c *Client) ack(d *delivery, suspect int) error {
	if suspect == 0 {
		// As d.msg.Ack does, which takes a lock of the subscription, where jobs
		// arrive.
		return c.conn.Publish(d.msg.Reply, ackBody)
	}
	return retry(c.ctx, c.publish, &c.counters.retried, func(ctx context.Context, patience time.Duration) error {
		return c.ask(ctx, patience, d.msg.Reply, func(ctx context.Context) error { return d.msg.AckSync(nats.Context(ctx)) })
	})
}

// again makes the server deliver d, which has failed, again after a rest.
func (w *worker) again(d *delivery) {
	c := w.client
	switch err := c.memorize(d); {
	case errors.Is(err, errStale):
		return
	case err != nil:
		c.note(d, err) // it is run again in any case
	}
	c.note(d, d.msg.NakWithDelay(w.backoff(max(d.memory.Failures, 1))))
}

// reply sends the result of d to the caller that waits for it, if there is one.
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

// note passes errors of settling d to OnError; the job will be delivered again.
// It ignores them after Close, which causes them.
func (c *Client) note(d *delivery, err error) {
	if err != nil && c.ctx.Err() == nil {
		c.onError(fmt.Errorf("glsnats: job %s %s: %w", d.job.Name, d.job.ID, closed(err)))
	}
}
