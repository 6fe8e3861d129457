package glsnats

import (
	"context"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
)

// A Job is the argument of the functions passed to [Client.Handle]. Copies
// refer to the same job.
type Job struct {
	Name    string    // the name that it was submitted with
	ID      string    // the same whenever the job is run
	Payload []byte    // not to be modified
	Try     int       // number of deliveries including this one and those that were lost on the way
	Failed  int       // number of them that failed
	Stored  time.Time // when the server stored it

	ctx     context.Context
	outcome *outcome
}

// An outcome is what a function leaves for its caller.
type outcome struct {
	result []byte
	conn   *nats.Conn
}

// Context returns a context that ends when the job is to be abandoned: when the
// time for draining or the [TimeLimit] is over, or when the [Client] is closed.
// Bind it with glsctx.With for code that has no parameter for it.
func (j Job) Context() context.Context { return j.ctx }

// Decode stores the payload that was passed to [Client.Go] in *x. x is a
// *[]byte for the raw payload, or a pointer to decode JSON to.
func (j Job) Decode(x any) error {
	if err := decode(j.Payload, x); err != nil {
		return fmt.Errorf("glsnats: payload of %s %s: %w", j.Name, j.ID, err)
	}
	return nil
}

// Return sets the result that [Call] returns when the function has returned
// nil. A []byte is sent unchanged, anything else as JSON. The last call wins.
// It does not matter whether a caller waits for the result. Return must not be
// called after the function has returned. If the result is too large for a
// message, Return returns nats.ErrMaxPayload.
func (j Job) Return(x any) error {
	data, err := encode(x)
	if err == nil && int64(len(data)) > j.outcome.conn.MaxPayload() {
		err = nats.ErrMaxPayload
	}
	if err != nil {
		return fmt.Errorf("glsnats: result of %s %s: %w", j.Name, j.ID, err)
	}
	j.outcome.result = data
	return nil
}
