package glsnats

import (
	"context"
	"errors"
	"fmt"
)

var (
	// ErrFailed is returned for a job that has become a dead letter. The error is
	// a *[JobError].
	ErrFailed = errors.New("glsnats: job failed")
	// ErrNoResult is returned if no result arrived in time. The job may have been
	// run, or may still be.
	ErrNoResult = errors.New("glsnats: no result")
	// ErrDuplicate is returned if a job with that name and ID had been submitted
	// already. Its result goes to the caller that submitted it first.
	ErrDuplicate = errors.New("glsnats: job of that ID was submitted before")
)

// A JobError is returned by [Call] for a job that became a dead letter. It
// matches [ErrFailed].
type JobError struct {
	Name string // of the job
	ID   string // of the job
	Text string // of the error that its last try returned
}

// Error returns a text that contains all three.
func (e *JobError) Error() string {
	return fmt.Sprintf("glsnats: job %s %s failed: %s", e.Name, e.ID, e.Text)
}

// Is reports whether target is [ErrFailed].
func (e *JobError) Is(target error) bool { return target == ErrFailed }

// Call is like [Client.Go] but waits for the job and returns the value that the
// function passed to [Job.Return], or the zero value if it did not call that.
// If T is []byte, the result is the raw value; otherwise it is decoded from
// JSON. A job that fails is retried like any other; after the last failure Call
// returns a *[JobError]. If [CallTimeout] or the context ends first, it returns
// [ErrNoResult]. The result is then lost. It is also lost if either side loses
// its connection at the wrong moment. The job itself is never lost.
func Call[T any](c *Client, name string, payload any, opts ...GoOption) (x T, err error) {
	o := newOrder(opts)
	ctx, cancel := context.WithTimeout(o.ctx, c.call)
	defer cancel()
	o.ctx = ctx

	subject, result, forget := c.results.expect()
	defer forget()
	switch duplicate, err := c.submit(o, name, payload, subject); {
	case err != nil:
		return x, err
	case duplicate:
		return x, fmt.Errorf("%w: %s %s", ErrDuplicate, name, o.id)
	}
	select {
	case m := <-result:
		if m.Header.Get(failedHeader) != "" {
			return x, &JobError{Name: name, ID: o.id, Text: string(m.Data)}
		}
		if len(m.Data) == 0 {
			return x, nil
		}
		if err := decode(m.Data, &x); err != nil {
			return x, fmt.Errorf("glsnats: result of %s %s: %w", name, o.id, err)
		}
		return x, nil
	case <-ctx.Done():
		return x, fmt.Errorf("%w of %s %s: %w", ErrNoResult, name, o.id, ctx.Err())
	case <-c.ctx.Done():
		return x, fmt.Errorf("%w of %s %s: %w", ErrNoResult, name, o.id, ErrClosed)
	}
}
