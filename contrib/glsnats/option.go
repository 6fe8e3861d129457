package glsnats

import (
	"context"
	"crypto/tls"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/jetstream"

	"github.com/seed18162548/contextvars/gls/glsadapter"
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
	wait        time.Duration
	refuse      bool
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
// once, on the same goroutine. It is for what is no variable with a codec, such
// as the spans of OpenTelemetry. inject comes before the exported variables,
// which leave a header alone that is there already. A nil function panics with
// [gls.ErrNilFunc].
func Propagate(inject func(glsexport.Carrier), around func(c glsexport.Carrier, run func())) Option {
	glsadapter.MustFunc("glsnats.Propagate", inject == nil || around == nil)
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

// DedupWindow sets how long a new stream remembers the IDs of jobs, 2 minutes
// by default. It must be longer than [PublishDeadline].
func DedupWindow(d time.Duration) Option { return func(c *config) { c.dedup = d } }

// PublishDeadline sets how long [Client.Go] tries to have a job stored, 30 s by
// default, and [Client.Handle] to have its consumer made.
func PublishDeadline(d time.Duration) Option { return func(c *config) { c.publish = d } }

// CallTimeout sets how long [Call] waits for a result, a minute by default. It
// includes the time that the job waits for a worker.
func CallTimeout(d time.Duration) Option { return func(c *config) { c.call = d } }

// WaitForServer has [Connect] wait for up to d until a server is up, instead of
// failing at once. What a server refuses, such as credentials, still fails at
// once.
func WaitForServer(d time.Duration) Option { return func(c *config) { c.wait = d } }

// RefuseUnknown has [Client.Go] and [Call] fail with [ErrUnknown] for a name
// that no process has ever handled, instead of storing a job that may wait for
// ever. It costs a question to the server for a name that was not seen before.
func RefuseUnknown() Option { return func(c *config) { c.refuse = true } }

// OnError sets a function that is called with errors that are nobody's return
// value: a pull that failed, a job that could not be acknowledged, a connection
// that was lost, a stream that was gone ([ErrStreamGone]), a job that runs for
// long ([ErrSlow]). What failed is tried again. f must be safe for concurrent
// use, and is called in no job's Context. A nil f panics with [gls.ErrNilFunc].
func OnError(f func(error)) Option {
	glsadapter.MustFunc("glsnats.OnError", f == nil)
	return func(c *config) { c.onError = f }
}

// Credentials has the connection authenticated by a credentials file, with a
// JWT and a seed, as nsc writes it.
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

// InFlight sets how many jobs of the name this process runs at the same time,
// 64 by default. No job is taken from the queue before there is room for it, so
// none waits in a process while another is idle. An n below 1 counts as 1.
func InFlight(n int) HandleOption { return func(w *worker) { w.limit = max(n, 1) } }

// InFlightBytes limits the jobs of the name that this process holds at the same
// time to n bytes, those on their way included, but to no less than one job. By
// default only what is on its way is limited, so that the server does not cut
// the connection off: to four messages as large as the server permits, at least
// 8 MiB and at most 32, shared by all names.
func InFlightBytes(n int64) HandleOption { return func(w *worker) { w.bytes = max(n, 1) } }

// Tries sets how often a job may fail, 5 by default, before it becomes a dead
// letter. A crash of the worker counts if the function panicked, or if the job
// was alone in the process. An n below 1 counts as 1.
func Tries(n int) HandleOption { return func(w *worker) { w.tries = max(n, 1) } }

// TimeLimit sets how long a function may run. By default there is no limit.
// When the time is over, [Job.Context] ends with [ErrTimeLimit] as its cause,
// the job counts as failed, and another one takes its place. The function goes
// on unless it watches the context: what it returns is ignored, and the job may
// be run again beside it.
func TimeLimit(d time.Duration) HandleOption { return func(w *worker) { w.timeLimit = d } }

// AckWait sets how long the server waits for a sign of life of a worker, 30 s
// by default, before it gives the job to another. A worker gives three in that
// time, so a function may run for longer. When it runs for ten times as long,
// [OnError] is told. A d below a second counts as one. All workers of a name
// should agree.
func AckWait(d time.Duration) HandleOption {
	return func(w *worker) { w.ackWait = max(d, time.Second) }
}

// Backoff sets how long a job rests after it has failed for the nth time, from
// 1. By default it is about a second, then twice that, and so on up to a
// minute, with a quarter of jitter. A nil delay panics with [gls.ErrNilFunc].
func Backoff(delay func(n int) time.Duration) HandleOption {
	glsadapter.MustFunc("glsnats.Backoff", delay == nil)
	return func(w *worker) { w.backoff = delay }
}

// A GoOption configures [Client.Go] and [Call].
type GoOption func(*order)

// ID gives the job an ID instead of a random one. A job is stored once, however
// often it is submitted with the same name and ID within the [DedupWindow]: use
// what makes the work unique, such as the number of an order. Jobs of different
// names may have the same ID. IDs have 1 to 256 bytes of visible ASCII; others
// are [ErrID].
func ID(id string) GoOption { return func(o *order) { o.id, o.chosen = id, true } }

// Within has ctx end the attempts to store the job, and the wait for its
// result, instead of glsctx.Current. The deadlines of [PublishDeadline] and
// [CallTimeout] still hold. A nil ctx changes nothing.
func Within(ctx context.Context) GoOption {
	return func(o *order) {
		if ctx != nil {
			o.ctx = ctx
		}
	}
}
