package glsnats

import (
	"context"
	"errors"
	"fmt"

	"github.com/nats-io/nats.go"

	"github.com/seed18162548/contextvars/spawn"
)

// Drain stops taking jobs, waits until those that are running have ended and
// the server knows, and closes the connection. Jobs may submit others
// meanwhile. If ctx ends first, Drain cancels the contexts of the jobs that are
// still running, closes the connection and returns the error of ctx; these jobs
// are run again elsewhere. Drain takes up to a second even if no job is
// running, because it does not cut off open pulls: jobs that they bring would
// be lost until AckWait is over. A second Drain returns [ErrClosed].
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

// Close closes the connection at once. It cancels the contexts of running jobs,
// which are run again elsewhere. Close may be called at any time, and more than
// once.
func (c *Client) Close() {
	c.close()
	c.abandon()
	c.conn.Close()
	c.answers.fail(nats.ErrConnectionClosed, everything)
}

// close stops the fetchers and reports whether it is the first to do so.
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

// closed returns err, or ErrClosed if err is the error of a closed connection.
func closed(err error) error {
	if errors.Is(err, nats.ErrConnectionClosed) || errors.Is(err, nats.ErrConnectionDraining) {
		return fmt.Errorf("%w: %w", ErrClosed, err)
	}
	return err
}
