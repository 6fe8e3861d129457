package glsnats

import (
	"context"
	"crypto/tls"
	"fmt"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// An Option configures [Connect].
type Option func(*config)

type config struct {
	stream      string
	replicas    int
	storage     jetstream.StorageType
	dedup       time.Duration
	publish     time.Duration
	call        time.Duration
	exports     []glsexport.Exported
	propagators []propagator
	onError     func(error)
	nats        []nats.Option
}

func defaults() config {
	return config{
		stream:   "gls",
		replicas: 1,
		storage:  jetstream.FileStorage,
		dedup:    2 * time.Minute,
		publish:  30 * time.Second,
		call:     time.Minute,
		onError:  func(error) {},
		nats: []nats.Option{
			nats.MaxReconnects(-1),
			nats.ReconnectWait(100 * time.Millisecond),
		},
	}
}

// Exports names the variables that travel with jobs, in addition to those of
// other Exports options. Producers and workers name them alike. [Connect] fails
// with glsexport.ErrName for the names of headers that NATS or this package
// gives a meaning.
func Exports(vars ...glsexport.Exported) Option {
	return func(c *config) { c.exports = append(c.exports, vars...) }
}

// Propagate has inject write to the headers of every job, and around run every
// job: it is called in the job's Context, behind the barrier, and must call run
// once, on the same goroutine. It is for what is no variable with a codec, such as the
// spans of OpenTelemetry. inject comes before the exported variables, which
// leave a header alone that is there already. A nil function panics with
// [gls.ErrNilFunc].
func Propagate(inject func(glsexport.Carrier), around func(c glsexport.Carrier, run func())) Option {
	mustFunc("Propagate", inject == nil || around == nil)
	return func(c *config) { c.propagators = append(c.propagators, propagator{inject, around}) }
}

// Stream has the queue live in the stream name instead of "gls". Its subjects
// begin with name. A stream that exists is used as it is; one that does not is
// made, with the options below.
func Stream(name string) Option { return func(c *config) { c.stream = name } }

// Replicas has a new stream kept by n servers instead of one: jobs survive the
// loss of (n-1)/2 of them.
func Replicas(n int) Option { return func(c *config) { c.replicas = n } }

// InMemory has a new stream kept in memory instead of in files: jobs do not
// survive a restart.
func InMemory() Option { return func(c *config) { c.storage = jetstream.MemoryStorage } }

// DedupWindow is how long a new stream remembers the IDs of jobs, 2 minutes
// unless said. It must be longer than [PublishDeadline].
func DedupWindow(d time.Duration) Option { return func(c *config) { c.dedup = d } }

// PublishDeadline is how long [Client.Go] tries to have a job stored, 30 s
// unless said, and [Client.Handle] to have its consumer made.
func PublishDeadline(d time.Duration) Option { return func(c *config) { c.publish = d } }

// CallTimeout is how long [Call] waits for a result, a minute unless said. It
// includes the time that the job waits for a worker.
func CallTimeout(d time.Duration) Option { return func(c *config) { c.call = d } }

// OnError has f called with errors that are nobody's return value: a pull that
// failed, a job that could not be acknowledged. All of them are tried again. f
// must be safe for concurrent use, and is called in no job's Context. A nil f
// panics with [gls.ErrNilFunc].
func OnError(f func(error)) Option {
	mustFunc("OnError", f == nil)
	return func(c *config) { c.onError = f }
}

// Credentials has the connection authenticated by a credentials file, with a JWT
// and a seed, as nsc writes it.
func Credentials(file string) Option { return NATS(nats.UserCredentials(file)) }

// TLS has the connection encrypted, and the server's certificate verified, as t
// says.
func TLS(t *tls.Config) Option { return NATS(nats.Secure(t)) }

// NATS passes options to nats.Connect, for all that has no name here.
func NATS(opts ...nats.Option) Option {
	return func(c *config) { c.nats = append(c.nats, opts...) }
}

// A HandleOption configures [Client.Handle].
type HandleOption func(*worker)

// InFlight is how many jobs of the name this process runs at the same time, 64
// unless said. No job is taken from the queue before there is room for it, so
// none waits in a process while another is idle. An n below 1 counts as 1.
func InFlight(n int) HandleOption { return func(w *worker) { w.limit = max(n, 1) } }

// Tries is how often a job may be delivered, 5 unless said, before it becomes a
// dead letter. An n below 1 counts as 1.
func Tries(n int) HandleOption { return func(w *worker) { w.tries = max(n, 1) } }

// AckWait is how long the server waits for a sign of life of a worker, 30 s
// unless said, before it gives the job to another. A worker gives three in that
// time, so a function may run for longer. A d below a second counts as one. All
// workers of a name should agree.
func AckWait(d time.Duration) HandleOption {
	return func(w *worker) { w.ackWait = max(d, time.Second) }
}

// Backoff says how long a job rests after it has failed for the nth time, from
// 1. Unless said it is about a second, then twice that, and so on up to a minute,
// with a quarter of jitter. A nil delay panics with [gls.ErrNilFunc].
func Backoff(delay func(n int) time.Duration) HandleOption {
	mustFunc("Backoff", delay == nil)
	return func(w *worker) { w.backoff = delay }
}

// A GoOption configures [Client.Go] and [Call].
type GoOption func(*order)

// ID gives the job an ID instead of a random one. A job is stored once, however
// often it is submitted with the same ID within the [DedupWindow]: use what makes
// the work unique, such as the number of an order. IDs have 1 to 256 bytes of
// visible ASCII; others are [ErrID].
func ID(id string) GoOption { return func(o *order) { o.id, o.chosen = id, true } }

// Within has ctx end the attempts to store the job, and the wait for its result,
// instead of glsctx.Current. The deadlines of [PublishDeadline] and
// [CallTimeout] still hold. A nil ctx changes nothing.
func Within(ctx context.Context) GoOption {
	return func(o *order) {
		if ctx != nil {
			o.ctx = ctx
		}
	}
}

func mustFunc(where string, isNil bool) {
	if isNil {
		panic(fmt.Errorf("glsnats: %s: %w", where, gls.ErrNilFunc))
	}
}
