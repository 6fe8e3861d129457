package glsnats

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed18162548/contextvars/gls/glsexport"
)

var (
	// ErrName is that a stream or a job has a name that cannot be part of a
	// subject: names have 1 to 64 letters, digits, hyphens and underscores.
	ErrName = errors.New("glsnats: invalid name")
	// ErrStream is that the stream exists and is no work queue for our subjects.
	ErrStream = errors.New("glsnats: stream is not a work queue of this package")
	// ErrHandled is that the Client handles jobs of that name already.
	ErrHandled = errors.New("glsnats: name is handled already")
	// ErrClosed is that the Client is drained or closed.
	ErrClosed = errors.New("glsnats: cluster is closed")
	// ErrID is that a job's ID is empty, too long or not visible ASCII.
	ErrID = errors.New("glsnats: invalid job ID")
)

// A Client is a connection to a queue of jobs. Make it with [Connect] and end it
// with [Client.Drain] or [Client.Close]. Its methods may be called from any
// goroutine.
type Client struct {
	// Immutable after Connect, or safe by themselves.

	config
	gate
	conn     *nats.Conn
	js       jetstream.JetStream
	results  *results
	counters counters
	stop     chan struct{}      // closed when no more jobs are to be taken
	working  sync.WaitGroup     // pullers, which end after their jobs
	ctx      context.Context    // ends when jobs are to be abandoned
	abandon  context.CancelFunc // of ctx
}

// A gate says whether a name may be handled.
type gate struct {
	mu      sync.Mutex
	handled map[string]bool // names; guarded by mu
	closing bool            // the Client takes no more jobs; guarded by mu
}

// Connect returns a Client on the servers of url, separated by commas, whose
// stream exists, or was made. From there on a lost connection is made again,
// however long that takes, also on servers that the first ones told about.
func Connect(url string, opts ...Option) (*Client, error) {
	c := &Client{config: defaults(), gate: gate{handled: map[string]bool{}}, stop: make(chan struct{})}
	for _, o := range opts {
		o(&c.config)
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	conn, err := nats.Connect(url, c.nats...)
	if err != nil {
		return nil, fmt.Errorf("glsnats: connect: %w", err)
	}
	c.conn = conn
	c.ctx, c.abandon = context.WithCancel(context.Background())
	if err := c.open(); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

// isName reports whether s can be a token of a subject, and the name of a
// consumer or a directory.
func isName(s string) bool {
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case '0' <= c && c <= '9', 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', c == '-', c == '_':
		default:
			return false
		}
	}
	return s != "" && len(s) <= 64
}

// check validates the configuration and adds the built-in export.
func (c *Client) check() error {
	if !isName(c.stream) {
		return fmt.Errorf("%w %q of a stream", ErrName, c.stream)
	}
	trace := true
	for _, e := range c.exports {
		switch lower := strings.ToLower(e.Name()); {
		case strings.HasPrefix(lower, "nats-"), strings.HasPrefix(lower, "gls-"):
			return fmt.Errorf("glsnats: %w %q: the header has a meaning", glsexport.ErrName, e.Name())
		case lower == traceHeader && e.Header() != glsexport.BaggageHeader:
			trace = false // the program has a variable of its own
		}
	}
	if trace {
		c.exports = append(c.exports[:len(c.exports):len(c.exports)], traceExport)
	}
	return nil
}

// open subscribes to results and makes sure of the streams.
func (c *Client) open() (err error) {
	if c.js, err = jetstream.New(c.conn); err != nil {
		return err
	}
	if c.results, err = listen(c.conn, c.stream); err != nil {
		return err
	}
	return c.retry(c.ctx, c.publish, func(ctx context.Context) error {
		queue := jetstream.StreamConfig{
			Name: c.stream, Subjects: []string{c.jobSubject("*")},
			Retention: jetstream.WorkQueuePolicy,
			Replicas:  c.replicas, Storage: c.storage, Duplicates: c.dedup,
		}
		dead := queue
		dead.Name, dead.Subjects = c.DeadStream(), []string{c.deadSubject("*")}
		dead.Retention = jetstream.LimitsPolicy
		return errors.Join(c.ensure(ctx, queue), c.ensure(ctx, dead))
	})
}

// ensure makes a stream unless it exists. It does not change one: its replicas
// and limits are the operator's business.
func (c *Client) ensure(ctx context.Context, want jetstream.StreamConfig) error {
	s, err := c.js.Stream(ctx, want.Name)
	if errors.Is(err, jetstream.ErrStreamNotFound) {
		s, err = c.js.CreateStream(ctx, want)
	}
	if errors.Is(err, jetstream.ErrStreamNameAlreadyInUse) { // made meanwhile, differently
		s, err = c.js.Stream(ctx, want.Name)
	}
	if err != nil {
		return fmt.Errorf("glsnats: stream %s: %w", want.Name, err)
	}
	have := s.CachedInfo().Config
	if have.Retention != want.Retention || len(have.Subjects) != 1 || have.Subjects[0] != want.Subjects[0] {
		return fmt.Errorf("%w: %s", ErrStream, want.Name)
	}
	return nil
}

func (c *Client) jobSubject(name string) string  { return c.stream + ".job." + name }
func (c *Client) deadSubject(name string) string { return c.stream + ".dead." + name }

// DeadStream returns the name of the stream with the dead letters. A letter is
// the job as it was, with the headers Gls-Error and Gls-Tries, and stays until
// somebody deletes it.
func (c *Client) DeadStream() string { return c.stream + "_dead" }

// Conn returns the connection, for its statistics and for what is no job.
func (c *Client) Conn() *nats.Conn { return c.conn }
