package glsnats

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed18162548/contextvars/contrib/glsnats/internal/fetch"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

var (
	// ErrName is returned for a name of a stream or a job that cannot be part of
	// a subject: names have 1 to 64 letters, digits, hyphens and underscores.
	ErrName = errors.New("glsnats: invalid name")
	// ErrHandled is returned by [Client.Handle] if the Client already handles jobs
	// of that name.
	ErrHandled = errors.New("glsnats: name is handled already")
	// ErrClosed is returned if the Client is drained or closed.
	ErrClosed = errors.New("glsnats: client is closed")
	// ErrID is returned for an ID that is empty, too long or not visible ASCII.
	ErrID = errors.New("glsnats: invalid job ID")
)

// A Client is a connection to a queue of jobs. Create it with [Connect] and
// close it with [Client.Drain] or [Client.Close]. Its methods may be called
// from any goroutine.
type Client struct {
	// These fields are immutable after Connect or safe for concurrent use.

	config
	gate
	conn     *nats.Conn
	js       jetstream.JetStream
	results  *results
	answers  answers
	streams  streams
	known    known
	denials  denials
	budget   *fetch.Budget
	counters counters
	// usualPayload is what the first server permits for a message; another one
	// may permit more or less.
	usualPayload int
	stop         chan struct{}      // closed when no more jobs are to be taken
	working      sync.WaitGroup     // fetchers, which end after their jobs
	ctx          context.Context    // ends when jobs are to be abandoned
	abandon      context.CancelFunc // of ctx
}

// A gate says whether a name may be handled.
type gate struct {
	mu      sync.Mutex
	handled map[string]*worker // by name; nil until the worker has begun; guarded by mu
	closing bool               // the Client takes no more jobs; guarded by mu
}

// Connect returns a Client that is connected to one of the servers in url,
// which are separated by commas. It creates the stream if that does not exist.
// It fails at once if no server is up, unless [WaitForServer] is given.
// Afterwards the Client reconnects whenever it loses the connection, however
// long that takes, to any server of the cluster.
func Connect(url string, opts ...Option) (*Client, error) {
	c := &Client{config: defaults(), gate: gate{handled: map[string]*worker{}}, stop: make(chan struct{})}
	c.denials.init()
	c.answers.init()
	for _, o := range opts {
		if o != nil {
			o(&c.config)
		}
	}
	if err := c.check(); err != nil {
		return nil, err
	}
	conn, err := c.dial(url)
	if err != nil {
		return nil, fmt.Errorf("glsnats: connect: %w", err)
	}
	c.conn = conn
	c.budget = fetch.NewBudget(conn.MaxPayload())
	c.usualPayload = int(conn.MaxPayload())
	c.ctx, c.abandon = context.WithCancel(context.Background())
	if err := c.open(); err != nil {
		c.Close()
		return nil, fmt.Errorf("glsnats: connect: %w", err)
	}
	return c, nil
}

// dial connects to a server of url, waiting until it is up if WaitForServer was
// given.
func (c *Client) dial(url string) (conn *nats.Conn, err error) {
	options := append(c.nats[:len(c.nats):len(c.nats)], c.listenTo)
	if c.wait <= 0 {
		return nats.Connect(url, options...)
	}
	err = retry(context.Background(), c.wait, &c.counters.retried, func(context.Context, time.Duration) error {
		conn, err = nats.Connect(url, options...)
		return err
	})
	return conn, err
}

// isName reports whether s can be a token of a subject and the name of a
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

// open subscribes to results and answers, and makes sure of the streams.
func (c *Client) open() (err error) {
	if c.js, err = jetstream.New(c.conn); err != nil {
		return err
	}
	c.results = newResults(c.conn, c.stream)
	err = fetch.Permitted(c.conn, func() error {
		return errors.Join(c.results.listen(), c.answers.listen(c.conn))
	})
	if err != nil {
		return err
	}
	return c.need(c.queues()...)
}

// Conn returns the connection, for its statistics and for other uses of NATS.
func (c *Client) Conn() *nats.Conn { return c.conn }
