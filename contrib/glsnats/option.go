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

// Exports sets the variables that are sent with jobs. Several Exports options
// add up. Producers and workers must use the same exports. [Connect] fails with
// glsexport.ErrName for names of headers that have a meaning for NATS or this
// package.
func Exports(vars ...glsexport.Exported) Option {
	return func(c *config) { c.exports = append(c.exports, vars...) }
}

// Propagate sets a function that writes to the headers of every job, and a
// function that runs every job. around is called in the job's Context and must
// call run once, on the same goroutine. Propagate is for anything that is not a
// variable with a codec, such as the spans of OpenTelemetry. inject is called
// before the exported variables are added, which do not replace headers that
// are already there. Propagate panics with [gls.ErrNilFunc] if a function is
// nil.
func Propagate(inject func(glsexport.Carrier), around func(c glsexport.Carrier, run func())) Option {
	glsadapter.MustFunc("glsnats.Propagate", inject == nil || around == nil)
	return func(c *config) { c.propagators = append(c.propagators, propagator{inject, around}) }
}

// Stream sets the name of the stream that holds the queue, instead of "gls".
// Its subjects begin with name. If the stream exists, it is not changed;
// otherwise it is created with the options below.
func Stream(name string) Option { return func(c *config) { c.stream = name } }

// Replicas sets the number of servers that store a new stream, 1 by default.
// Jobs survive the loss of (n-1)/2 of them.
func Replicas(n int) Option { return func(c *config) { c.replicas = n } }

// InMemory makes servers keep a new stream in memory instead of in files. Jobs
// then do not survive a restart.
func InMemory() Option { return func(c *config) { c.storage = jetstream.MemoryStorage } }

// DedupWindow sets how long a new stream remembers the IDs of jobs, 2 minutes
// by default. It must be longer than [PublishDeadline].
func DedupWindow(d time.Duration) Option { return func(c *config) { c.dedup = d } }

// PublishDeadline sets how long [Client.Go] tries to store a job, and
// [Client.Handle] to create its consumer, 30 s by default.
func PublishDeadline(d time.Duration) Option { return func(c *config) { c.publish = d } }

// CallTimeout sets how long [Call] waits for a result, a minute by default. It
// includes the time that the job waits for a worker.
func CallTimeout(d time.Duration) Option { return func(c *config) { c.call = d } }

// WaitForServer makes [Connect] wait for up to d until a server is up, instead
// of failing at once. It still fails at once if a server refuses the
// connection, for example because of the credentials.
func WaitForServer(d time.Duration) Option { return func(c *config) { c.wait = d } }

// RefuseUnknown makes [Client.Go] and [Call] fail with [ErrUnknown] for a name
// that no process has ever handled, instead of storing a job that may wait
// forever. It costs one request to the server for each new name.
func RefuseUnknown() Option { return func(c *config) { c.refuse = true } }

// OnError sets a function that is called with errors that no function can
// return: a pull that failed, a job that could not be acknowledged, a
// connection that was lost, a stream that was deleted ([ErrStreamGone]), a job
// that has been running for a long time ([ErrSlow]). What failed is retried. f
// must be safe for concurrent use, and is not called in the Context of a job.
// OnError panics with [gls.ErrNilFunc] if f is nil.
func OnError(f func(error)) Option {
	glsadapter.MustFunc("glsnats.OnError", f == nil)
	return func(c *config) { c.onError = f }
}

// Credentials authenticates the connection with a credentials file, which
// contains a JWT and a seed, as nsc writes it.
func Credentials(file string) Option { return NATS(nats.UserCredentials(file)) }

// TLS encrypts the connection and verifies the server's certificate, as t says.
func TLS(t *tls.Config) Option { return NATS(nats.Secure(t)) }

// NATS passes other options to nats.Connect.
func NATS(opts ...nats.Option) Option {
	return func(c *config) { c.nats = append(c.nats, opts...) }
}

// A HandleOption configures [Client.Handle].
type HandleOption func(*worker)

// InFlight sets how many jobs of the name this process runs at the same time,
// 64 by default. The process takes a job from the queue only when it has room
// for it, so no job waits in one process while another is idle. An n below 1
// counts as 1.
func InFlight(n int) HandleOption { return func(w *worker) { w.limit = max(n, 1) } }

// InFlightBytes limits the total size of the jobs of the name that this process
// holds at the same time, including those on their way, to n bytes, but to no
// less than one job. By default only the jobs on their way are limited, so that
// the server does not cut off the connection: to four times the maximum size of
// a message, at least 8 MiB and at most 32 MiB, shared by all names.
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

// AckWait sets how long the server waits for a heartbeat of a worker, 30 s by
// default, before it gives the job to another one. A worker sends three
// heartbeats in that time, so a function may run for longer. When it has been
// running for ten times as long, [OnError] gets [ErrSlow]. A d below a second
// counts as one second. All workers of a name should use the same value.
func AckWait(d time.Duration) HandleOption {
	return func(w *worker) { w.ackWait = max(d, time.Second) }
}

// Backoff sets how long to wait before a job is retried that has failed for the
// nth time, from 1. By default that is about a second, then twice as long each
// time, up to a minute, with a jitter of a quarter. Backoff panics with
// [gls.ErrNilFunc] if delay is nil.
func Backoff(delay func(n int) time.Duration) HandleOption {
	glsadapter.MustFunc("glsnats.Backoff", delay == nil)
	return func(w *worker) { w.backoff = delay }
}

// A GoOption configures [Client.Go] and [Call].
type GoOption func(*order)

// ID gives the job an ID instead of a random one. A job is stored once, however
// often it is submitted with the same name and ID within the [DedupWindow]: use
// something that identifies the work, such as the number of an order. Jobs of
// different names may have the same ID. IDs have 1 to 256 bytes of visible
// ASCII; others are refused with [ErrID].
func ID(id string) GoOption { return func(o *order) { o.id, o.chosen = id, true } }

// Within sets the context that ends the attempts to store the job and the wait
// for its result, instead of glsctx.Current. [PublishDeadline] and
// [CallTimeout] still apply. A nil ctx changes nothing.
func Within(ctx context.Context) GoOption {
	return func(o *order) {
		if ctx != nil {
			o.ctx = ctx
		}
	}
}
