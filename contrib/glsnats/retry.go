package glsnats

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"
)

// The first attempt may take this long, the next one twice as long, and so on:
// long enough for an election, and for a queue in front of a slow disk, which
// more frequent attempts would only make longer.
const firstAttempt = 2 * time.Second

// Attempts that fail at once are followed by a pause, which grows.
const (
	firstPause = 20 * time.Millisecond
	longPause  = time.Second
)

// retry calls f, which should take no longer than patience, and counts the
// attempts after the first, until it returns nil, an error that will not go
// away, d is over, or ctx is done. It then returns the last error of f that
// says more than that an attempt took too long, and that of ctx, or
// context.DeadlineExceeded.
func retry(ctx context.Context, d time.Duration, again *atomic.Uint64, f func(ctx context.Context, patience time.Duration) error) error {
	deadline := time.Now().Add(d)
	attempt, pause := firstAttempt, firstPause
	var reason error
	for {
		err := f(ctx, min(attempt, time.Until(deadline)))
		if err == nil || final(err) {
			return err
		}
		if reason == nil || !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
			reason = err
		}
		rest := min(pause, time.Until(deadline))
		if rest <= 0 {
			return gaveUp(context.DeadlineExceeded, reason)
		}
		if !sleep(ctx, rest) {
			return gaveUp(ctx.Err(), reason)
		}
		again.Add(1)
		attempt, pause = 2*attempt, min(2*pause, longPause)
	}
}

// gaveUp returns an error that wraps end and gives the reason.
func gaveUp(end, reason error) error {
	if errors.Is(reason, end) {
		return fmt.Errorf("gave up: %w", reason)
	}
	return fmt.Errorf("gave up: %w: %w", end, reason)
}

// final reports whether another attempt would fail with the same error.
func final(err error) bool {
	for _, e := range []error{
		nats.ErrConnectionClosed, nats.ErrMaxPayload, nats.ErrBadSubject, nats.ErrHeadersNotSupported,
		nats.ErrPermissionViolation, nats.ErrAuthorization, nats.ErrAuthExpired, nats.ErrAuthRevoked,
		jetstream.ErrJetStreamNotEnabledForAccount, jetstream.ErrConsumerNameAlreadyInUse,
		ErrStream, ErrFull, ErrUnknown, errStale,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	var api *jetstream.APIError
	return errors.As(err, &api) && api.Code == 400 && api.ErrorCode != codeNoPeers
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
