package glsnats

import (
	"context"
	"errors"
	"time"

	"github.com/nats-io/nats.go"
)

// lastTime is how long a process that a function has crashed goes on, to say
// so.
const lastTime = time.Second

// errPanic is the failure of a job whose function panicked. What it panicked
// with is in the trace of the crash.
var errPanic = errors.New("the function panicked")

// lastWords tells the server what it can know of a process that is about to
// crash, because the function of d has panicked in it: who is guilty, so that
// it is not looked for, and that the others are not, so that they are run at
// once.
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
	// If it fails, the server waits for AckWait, and the job is a suspect then.
	_ = d.msg.NakWithDelay(w.backoff(d.memory.Failures))
	_ = c.conn.FlushWithContext(ctx)
}

// pardon has o, which runs or waits beside the guilty one, delivered again as
// if it had not been.
func (c *Client) pardon(o *delivery) error {
	if err := c.conn.PublishMsg(c.memo(o, o.recollect())); err != nil {
		return err
	}
	if err := o.msg.Nak(); !errors.Is(err, nats.ErrMsgAlreadyAckd) {
		return err
	}
	return nil
}
