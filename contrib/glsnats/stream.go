package glsnats

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

var (
	// ErrStream is returned if the stream exists but is not a work queue for the
	// subjects of this package.
	ErrStream = errors.New("glsnats: stream is not a work queue of this package")
	// ErrStreamGone is passed to [OnError] when a stream had been deleted, with
	// everything in it, and has been created again.
	ErrStreamGone = errors.New("glsnats: stream was gone, and has been made again")
)

// keepTries is how long the number of failures of a job is stored after the
// last failure.
const keepTries = 30 * 24 * time.Hour

// A deleted stream is created again after missTime. A server that is still
// deleting it would lose the new one, and another client may be about to create
// it.
const missTime = 250 * time.Millisecond

// streams holds the streams that a Client needs, and their settings when it
// last saw them.
type streams struct {
	mu     sync.Mutex
	needed []jetstream.StreamConfig // guarded by mu
	healed time.Time                // when they were last checked; guarded by mu
	missed map[string]time.Time     // when a deleted one was first missed; guarded by mu
}

func (c *Client) jobSubject(name string) string  { return c.stream + ".job." + name }
func (c *Client) deadSubject(name string) string { return c.stream + ".dead." + name }

// DeadStream returns the name of the stream with the dead letters. A letter is
// the message of the job with the additional headers Gls-Error, Gls-Tries and
// Gls-Id. It stays until it is deleted or redriven (see [Client.Redrive]).
func (c *Client) DeadStream() string { return c.stream + "_dead" }

// triesStream returns the name of the stream that has a message for each job
// that has failed, or was in flight at an unexplained death, and is still
// queued.
func (c *Client) triesStream() string { return c.stream + "_tries" }

// queues returns the streams that every Client needs.
func (c *Client) queues() []jetstream.StreamConfig {
	queue := jetstream.StreamConfig{
		Name: c.stream, Subjects: []string{c.jobSubject("*")},
		Retention: jetstream.WorkQueuePolicy,
		Replicas:  c.replicas, Storage: c.storage, Duplicates: c.dedup,
	}
	dead := queue
	dead.Name, dead.Subjects = c.DeadStream(), []string{c.deadSubject("*")}
	dead.Retention = jetstream.LimitsPolicy
	return []jetstream.StreamConfig{queue, dead}
}

// memory returns the additional stream that a Client with functions needs.
func (c *Client) memory() jetstream.StreamConfig {
	return jetstream.StreamConfig{
		Name: c.triesStream(), Subjects: []string{c.stream + ".tries.>"},
		Retention: jetstream.LimitsPolicy, MaxMsgsPerSubject: 1, MaxAge: keepTries,
		Replicas: c.replicas, Storage: c.storage, Duplicates: c.dedup,
	}
}

// need makes sure that streams exist, from now on.
func (c *Client) need(wanted ...jetstream.StreamConfig) error {
	return retry(c.ctx, c.publish, &c.counters.retried, func(ctx context.Context, patience time.Duration) error {
		return c.ask(ctx, patience, jetstream.DefaultAPIPrefix+"STREAM.", func(ctx context.Context) error {
			s := &c.streams
			s.mu.Lock()
			defer s.mu.Unlock()
			for _, want := range wanted {
				if s.has(want.Name) {
					continue
				}
				have, err := c.ensure(ctx, want)
				if err != nil {
					return fmt.Errorf("stream %s: %w", want.Name, err)
				}
				s.needed = append(s.needed, have)
			}
			return nil
		})
	})
}

// has reports whether s needs the stream. mu must be held.
func (s *streams) has(name string) bool {
	for _, n := range s.needed {
		if n.Name == name {
			return true
		}
	}
	return false
}

// heal creates deleted streams again, with the settings that they had, and
// reports that to OnError.
func (c *Client) heal(ctx context.Context, patience time.Duration) error {
	var made []string
	err := c.ask(ctx, patience, jetstream.DefaultAPIPrefix+"STREAM.", func(ctx context.Context) (err error) {
		made, err = c.remake(ctx)
		return err
	})
	for _, name := range made {
		c.onError(fmt.Errorf("%w: %s", ErrStreamGone, name))
	}
	return err
}

// remake is like heal but returns the names of the streams that it has created.
func (c *Client) remake(ctx context.Context) (made []string, err error) {
	s := &c.streams
	s.mu.Lock()
	defer s.mu.Unlock()
	if time.Since(s.healed) < firstPause {
		return nil, nil // another goroutine has just checked
	}
	for _, want := range s.needed {
		_, err := c.js.Stream(ctx, want.Name)
		if errors.Is(err, jetstream.ErrStreamNotFound) && s.missing(want.Name) {
			if _, err = c.ensure(ctx, want); err == nil {
				made = append(made, want.Name)
			}
		}
		if err != nil {
			return made, fmt.Errorf("stream %s: %w", want.Name, err)
		}
		delete(s.missed, want.Name)
	}
	if len(made) > 0 {
		c.known.forget()
	}
	s.healed = time.Now()
	return made, nil
}

// missing records that a stream is missing and reports whether it has been so
// for long. mu must be held.
func (s *streams) missing(name string) bool {
	since, found := s.missed[name]
	if !found {
		if s.missed == nil {
			s.missed = map[string]time.Time{}
		}
		s.missed[name] = time.Now()
		return false
	}
	return time.Since(since) >= missTime
}

// ensure creates a stream unless it exists, and returns its settings. It does
// not change an existing one: its replicas and limits are up to the operator.
func (c *Client) ensure(ctx context.Context, want jetstream.StreamConfig) (have jetstream.StreamConfig, err error) {
	s, err := c.js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		s, err = c.js.CreateStream(ctx, want)
	}
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // created meanwhile with other settings
		s, err = c.js.Stream(ctx, want.Name)
	}
	if err != nil {
		return have, err
	}
	have = s.CachedInfo().Config
	if have.Retention != want.Retention || len(have.Subjects) != 1 || have.Subjects[0] != want.Subjects[0] {
		return have, ErrStream
	}
	// The server sets these entries itself.
	maps.DeleteFunc(have.Metadata, func(key, _ string) bool { return strings.HasPrefix(key, "_nats.") })
	return have, nil
}
