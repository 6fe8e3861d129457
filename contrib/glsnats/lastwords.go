package glsnats

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
)

// lastTime is how long a process in which a function has panicked goes on, to
// report that.
const lastTime = time.Second

// errPanic is the failure of a job whose function panicked. The trace of the
// crash has the value of the panic.
var errPanic = errors.New("the function panicked")

// lastWords is called when the process is about to crash because the function
// of d has panicked. It reports to the server that d is the cause, so that the
// cause need not be searched for, and that the other jobs are not, so that they
// are run again at once.
func (c *Client) lastWords(w *worker, d *delivery) {
	process.Shut()
	d.remember(func(m *memory) { m.Failures, m.Error = m.Failures+1, errPanic.Error() })
	for _, other := range c.workers() {
		for _, o := range other.fetcher.Held() {
			if o != d && c.pardon(o) != nil {
				return // the connection is closed
			}
		}
	}
	ctx, cancel := context.WithTimeout(context.Background(), lastTime)
	defer cancel()
	_, err := c.writeMemo(ctx, lastTime, c.memo(d, d.recollect()))
	if errors.Is(err, errStale) {
		return
	}
	// If this fails, the server waits for AckWait, and the job is then a suspect.
	_ = d.msg.NakWithDelay(w.backoff(d.memory.Failures))
	_ = c.conn.FlushWithContext(ctx)
}

// pardon makes the server deliver o, which runs or waits beside the cause of
// the crash, again, without counting this delivery.
func (c *Client) pardon(o *delivery) error {
	if err := c.conn.PublishMsg(c.memo(o, o.recollect())); err != nil {
		return err
	}
	if err := o.msg.Nak(); !errors.Is(err, nats.ErrMsgAlreadyAckd) {
		return err
	}
	return nil
}
