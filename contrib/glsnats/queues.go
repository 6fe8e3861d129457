package glsnats

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go/jetstream"
)

// ErrUnknown is returned, if [RefuseUnknown] is set, for a job of a name that
// no process has ever handled.
var ErrUnknown = errors.New("glsnats: no process has handled the name")

// A Queue describes the queued jobs of one name.
type Queue struct {
	Jobs    uint64 // all that are stored: waiting, running or resting
	Taken   uint64 // those of them that are running, or resting after a failure
	Pulls   int    // open requests for jobs: 0 if no process takes any
	Handled bool   // whether a process handles the name or has done so
}

// Queues returns what the server has queued, by name. Jobs of a name that is
// not Handled are never run. Queues costs one request to the server, and
// another one for each 256 names.
func (c *Client) Queues(ctx context.Context) (map[string]Queue, error) {
	queues, err := c.queued(ctx)
	if err != nil {
		return nil, fmt.Errorf("glsnats: queues: %w", closed(err))
	}
	return queues, nil
}

func (c *Client) queued(ctx context.Context) (map[string]Queue, error) {
	s, err := c.js.Stream(ctx, c.stream)
	if err != nil {
		return nil, err
	}
	info, err := s.Info(ctx, jetstream.WithSubjectFilter(c.jobSubject("*")))
	if err != nil {
		return nil, err
	}
	queues := map[string]Queue{}
	for subject, jobs := range info.State.Subjects {
		name := strings.TrimPrefix(subject, c.jobSubject(""))
		queues[name] = Queue{Jobs: jobs}
	}
	consumers := s.ListConsumers(ctx)
	for consumer := range consumers.Info() {
		q := queues[consumer.Name]
		q.Handled, q.Pulls, q.Taken = true, consumer.NumWaiting, uint64(consumer.NumAckPending)
		queues[consumer.Name] = q
	}
	return queues, consumers.Err()
}

// known is the set of names for which the server is known to have a consumer.
type known struct {
	mu    sync.Mutex
	names map[string]bool // guarded by mu
}

func (k *known) has(name string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.names[name]
}

func (k *known) add(name string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.names == nil {
		k.names = map[string]bool{}
	}
	k.names[name] = true
}

// forget empties k, because the stream and its consumers were deleted.
func (k *known) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.names = nil
}

// familiar returns ErrUnknown if the name is to be refused.
func (c *Client) familiar(ctx context.Context, name string) error {
	if !c.refuse || c.known.has(name) {
		return nil
	}
	err := retry(ctx, c.publish, &c.counters.retried, func(ctx context.Context, patience time.Duration) error {
		err := c.ask(ctx, patience, jetstream.DefaultAPIPrefix+"CONSUMER.", func(ctx context.Context) error {
			_, err := c.js.Consumer(ctx, c.stream, name)
			return err
		})
		if errors.Is(err, jetstream.ErrConsumerNotFound) {
			return fmt.Errorf("%w %q", ErrUnknown, name)
		}
		return err
	})
	if err == nil {
		c.known.add(name)
	}
	return err
}
