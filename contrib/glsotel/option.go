package glsotel

import (
	"net/http"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// scope is the name of the instrumentation that Handler and Transport are.
const scope = "github.com/seed18162548/contextvars/contrib/glsotel"

// An Option configures a [Handler] or a [Transport]. A nil Option is ignored.
type Option func(*config)

// A config is what the options of one Handler or Transport add up to. It is
// immutable once they were applied.
type config struct {
	tracer     trace.Tracer
	propagator propagation.TextMapPropagator
	trusted    func(*http.Request) bool // of a Handler; nil: nobody
	told       glsadapter.Destinations  // of a Transport
	tells      func(*http.Request) bool // of a Transport, in place of told if it is not nil
	keep       bool                     // of a Transport
}

func newConfig(opts []Option) config {
	c := config{
		tracer:     otel.GetTracerProvider().Tracer(scope),
		propagator: otel.GetTextMapPropagator(),
	}
	for _, o := range opts {
		if o != nil {
			o(&c)
		}
	}
	return c
}

// UseProvider sets the provider that makes the spans, instead of
// OpenTelemetry's global one.
func UseProvider(tp trace.TracerProvider) Option {
	return func(c *config) { c.tracer = tp.Tracer(scope) }
}

// UsePropagator sets the propagator that reads or writes headers, instead of
// OpenTelemetry's global one.
func UsePropagator(p propagation.TextMapPropagator) Option {
	return func(c *config) { c.propagator = p }
}

// Trust widens whom a [Handler] believes: requests for which trusted returns
// true may speak for others. Their trace, baggage and variables are then taken.
// Without it, a Handler takes them from nobody. A [Transport] ignores it.
//
// trusted should look at what a client cannot choose: the verified chains of
// r.TLS, an authenticated identity, or r.RemoteAddr if the network is your own.
// It should not look at headers. Behind a proxy, r.RemoteAddr is the proxy's
// for every request. A nil trusted panics with [gls.ErrNilFunc].
func Trust(trusted func(r *http.Request) bool) Option {
	glsadapter.MustFunc("glsotel.Trust", trusted == nil)
	return func(c *config) { c.trusted = trusted }
}

// AllowHosts widens whom a [Transport] tells: it sends trace, baggage and
// variables to hosts too, each a name or an address, with or without a port, as
// glshttp.AllowHosts takes them. Anything else panics with glshttp.ErrHost. A
// [Handler] ignores it.
func AllowHosts(hosts ...string) Option {
	allowed := glsadapter.MustHosts(hosts...)
	return func(c *config) { c.told.Allow(allowed...) }
}

// AllowFunc widens whom a [Transport] tells: it sends trace, baggage and
// variables also to the hosts for which allow returns true. name and port are
// in the form that glshttp.AllowFunc gives them. allow is called on the
// goroutines that make requests, for the Host header too if it names another
// host. A nil allow panics with [gls.ErrNilFunc]. A [Handler] ignores it.
func AllowFunc(allow func(name, port string) bool) Option {
	glsadapter.MustFunc("glsotel.AllowFunc", allow == nil)
	return func(c *config) { c.told.AllowFunc(allow) }
}

// Peers widens both ends at once: for a [Handler], it is [Trust]; a [Transport]
// tells those, and only those, for whose requests trusted returns true. Such a
// function must look at the host of r.URL and at r.Host, which may differ. A
// nil trusted panics with [gls.ErrNilFunc].
//
// Deprecated: Use [Trust] for a Handler, and [AllowHosts] or [AllowFunc] for a
// Transport.
func Peers(trusted func(r *http.Request) bool) Option {
	glsadapter.MustFunc("glsotel.Peers", trusted == nil)
	return func(c *config) { c.trusted, c.tells = trusted, trusted }
}

// KeepHeaders sends the headers of trace, baggage and variables that are on the
// request already as they are, whoever wrote them, unless the propagator writes
// others. By default a [Transport] removes them. In a proxy it lets clients
// choose the identity that the next server sees: use it only where the program
// itself writes these headers. A [Handler] ignores it.
func KeepHeaders() Option {
	return func(c *config) { c.keep = true }
}
