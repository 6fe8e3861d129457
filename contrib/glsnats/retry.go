package glsnats

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// One attempt gets this long, then twice that, and so on: long enough for an
// election, and for a queue in front of a slow disk, which attempts that come
// faster than they are worked off would only make longer.
const firstAttempt = 2 * time.Second

// Between attempts that failed at once there is a pause, which grows.
const (
	firstPause = 20 * time.Millisecond
	longPause  = time.Second
)

// retry calls f until it returns nil, an error that will not go away, d is over,
// or ctx is done; it then returns the last error of f and that of ctx, or
// context.DeadlineExceeded.
func (c *Client) retry(ctx context.Context, d time.Duration, f func(context.Context) error) error {
	deadline := time.Now().Add(d)
	attempt, pause := firstAttempt, firstPause
	for {
		try, cancel := context.WithTimeout(ctx, min(attempt, time.Until(deadline)))
		err := f(try)
		cancel()
		if err == nil || final(err) {
			return err
		}
		rest := min(pause, time.Until(deadline))
		if rest <= 0 {
			return errors.Join(fmt.Errorf("glsnats: gave up: %w", context.DeadlineExceeded), err)
		}
		if !sleep(ctx, rest) {
			return errors.Join(fmt.Errorf("glsnats: gave up: %w", ctx.Err()), err)
		}
		c.counters.retried.Add(1)
		attempt, pause = 2*attempt, min(2*pause, longPause)
	}
}

// final reports whether err will be the same next time.
func final(err error) bool {
	for _, e := range []error{
		nats.ErrConnectionClosed, nats.ErrMaxPayload, nats.ErrBadSubject, nats.ErrHeadersNotSupported,
		jetstream.ErrJetStreamNotEnabledForAccount, jetstream.ErrConsumerNameAlreadyInUse, ErrStream,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	var api *jetstream.APIError
	return errors.As(err, &api) && api.Code == 400
}

// sleep returns after d and true, or when ctx is done and false.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
