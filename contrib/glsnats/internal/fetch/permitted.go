package fetch

import (
	"errors"
	"time"

	"github.com/nats-io/nats.go"
)

// answerTime is how long to wait for the objection of a server. If the server
// is slower or not reachable, the objection comes as an asynchronous error.
const answerTime = 5 * time.Second

// Permitted calls do, which publishes or subscribes on conn. It returns the
// error of do or, if the server does not permit this to the user, the error of
// the server.
func Permitted(conn *nats.Conn, do func() error) error {
	before := conn.LastError()
	if err := do(); err != nil {
		return err
	}
	// The server answers in order, so its objection arrives before this answer.
	if conn.FlushTimeout(answerTime) != nil {
		return nil //nolint:nilerr // a missing answer is not an objection
	}
	//nolint:errorlint // the identity of the error matters
	if err := conn.LastError(); err != before && errors.Is(err, nats.ErrPermissionViolation) {
		return err
	}
	return nil
}
