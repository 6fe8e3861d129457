package fetch

import (
	"errors"
	"time"

	"github.com/nats-io/nats.go"
)

// answerTime is how long a server may take to object. One that is slower, or
// not there, is asked no further: its objection comes as an asynchronous error.
const answerTime = 5 * time.Second

// Permitted calls do, which publishes or subscribes in conn, and returns its
// error, or what the server says if it does not permit that to the user.
func Permitted(conn *nats.Conn, do func() error) error {
	before := conn.LastError()
	if err := do(); err != nil {
		return err
	}
	// The server answers in order, so its objection is here with the answer.
	if conn.FlushTimeout(answerTime) != nil {
		return nil //nolint:nilerr // that there is no answer is no objection
	}
	//nolint:errorlint // whether it is the very same error is the question
	if err := conn.LastError(); err != before && errors.Is(err, nats.ErrPermissionViolation) {
		return err
	}
	return nil
}
