package glsnats

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"

	"github.com/seed18162548/contextvars/spawn"
)

// Drain takes no more jobs, waits until those that run have ended and the
// server knows, and closes the connection. Jobs may submit others meanwhile. If
// ctx is done before, the contexts of the jobs that still run end, the
// connection is closed, and Drain returns the error of ctx; these jobs are run
// again elsewhere. With nothing to do it takes up to a second, since pulls that
// are open are not cut off: what they bring would be lost until AckWait is
// over. A second Drain returns [ErrClosed].
func (c *Client) Drain(ctx context.Context) error {
	if !c.close() {
		return ErrClosed
	}
	idle := make(chan struct{})
	spawn.Detached(func() {
		c.working.Wait()
		close(idle)
	})
	defer c.Close()
	select {
	case <-idle:
	case <-ctx.Done():
		return fmt.Errorf("glsnats: drain: %w", ctx.Err())
	}
	ctx, cancel := context.WithTimeout(ctx, c.publish)
	defer cancel()
	if err := c.conn.FlushWithContext(ctx); err != nil {
		return fmt.Errorf("glsnats: drain: %w", closed(err))
	}
	return nil
}

// Close closes the connection at once. The contexts of jobs that run end; the
// jobs are run again elsewhere. Close may be called at any time, and again.
func (c *Client) Close() {
	c.close()
	c.abandon()
	c.conn.Close()
}

// close has the fetchers stop and reports whether it is the first to do so.
func (c *Client) close() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closing {
		return false
	}
	c.closing = true
	close(c.stop)
	return true
}

// closed returns err, as ErrClosed if it is that of a closed connection.
func closed(err error) error {
	if errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrConnectionDraining) {
		return fmt.Errorf("%w: %w", ErrClosed, err)
	}
	return err
}
