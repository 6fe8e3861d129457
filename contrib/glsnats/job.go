package glsnats

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// A Job is the argument of the functions that [Client.Handle] is given. Copies
// are the same job.
type Job struct {
	Name    string    // what it was submitted as
	ID      string    // the same whenever the job is run
	Payload []byte    // not to be modified
	Try     int       // deliveries so far, this one included; those that were lost on the way count
	Failed  int       // how many of them failed
	Stored  time.Time // when the server got it

	ctx     context.Context
	outcome *outcome
}

// An outcome is what a function leaves for whoever called it.
type outcome struct {
	result []byte
	limit  int64 // of the server, for a message
}

// Context returns a context that ends when the job is to be abandoned, because
// the time for draining, or that of [TimeLimit], is over or the [Client] is
// closed. Bind it with
// glsctx.With for code that has no parameter for it.
func (j Job) Context() context.Context { return j.ctx }

// Decode sets *x to the payload, as it was given to [Client.Go]: x is a
// *[]byte, or anything that JSON can be decoded to.
func (j Job) Decode(x any) error {
	if err := decode(j.Payload, x); err != nil {
		return fmt.Errorf("glsnats: payload of %s %s: %w", j.Name, j.ID, err)
	}
	return nil
}

// Return makes x the result that [Call] returns, once the function has returned
// nil. A []byte goes as it is, anything else as JSON. The last call counts.
// Nobody has to wait for a result. Return must not be called after the function
// has returned. A result that is larger than a message may be is
// nats.ErrMaxPayload.
func (j Job) Return(x any) error {
	data, err := encode(x)
	if err == nil && int64(len(data)) > j.outcome.limit {
		err = nats.ErrMaxPayload
	}
	if err != nil {
		return fmt.Errorf("glsnats: result of %s %s: %w", j.Name, j.ID, err)
	}
	j.outcome.result = data
	return nil
}
