package glsotel

import (
	"net/http"

	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// scope is the instrumentation scope of the spans of Handler and Transport.
const scope = "github.com/seed18162548/contextvars/contrib/glsotel"

// An Option configures a [Handler] or a [Transport]. A nil Option is ignored.
type Option func(*config)

// A config holds the options of one Handler or Transport. It is immutable once
// they have been applied.
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

// Trust sets the function that decides which requests a [Handler] trusts. It
// accepts the trace, baggage and variables of requests for which trusted
// returns true. Without Trust, it accepts them from no request. A [Transport]
// ignores this option.
//
// trusted should look at what a client cannot choose: the verified chains of
// r.TLS, an authenticated identity, or r.RemoteAddr if the network is your own.
// It should not look at headers. Behind a proxy, r.RemoteAddr is the proxy's
// for every request. Trust panics with [gls.ErrNilFunc] if trusted is nil.
func Trust(trusted func(r *http.Request) bool) Option {
	glsadapter.MustFunc("glsotel.Trust", trusted == nil)
	return func(c *config) { c.trusted = trusted }
}

// AllowHosts adds hosts that a [Transport] sends trace, baggage and variables
// to. Each is a name or an address, with or without a port, as in
// glshttp.AllowHosts. AllowHosts panics with glshttp.ErrHost if it is given
// anything else. A [Handler] ignores this option.
func AllowHosts(hosts ...string) Option {
	allowed := glsadapter.MustHosts(hosts...)
	return func(c *config) { c.told.Allow(allowed...) }
}

// AllowFunc makes a [Transport] also send trace, baggage and variables to the
// hosts for which allow returns true. name and port have the form that
// glshttp.AllowFunc describes. allow is called on the goroutines that make
// requests, and once more for the Host header if that names another host.
// AllowFunc panics with [gls.ErrNilFunc] if allow is nil. A [Handler] ignores
// this option.
func AllowFunc(allow func(name, port string) bool) Option {
	glsadapter.MustFunc("glsotel.AllowFunc", allow == nil)
	return func(c *config) { c.told.AllowFunc(allow) }
}

// Peers sets the function that decides about both ends: for a [Handler] it is
// like [Trust]; a [Transport] sends trace, baggage and variables only with
// requests for which trusted returns true. For that, the function must look at
// the host of r.URL and at r.Host, which may differ. Peers panics with
// [gls.ErrNilFunc] if trusted is nil.
//
// Deprecated: Use [Trust] for a Handler, and [AllowHosts] or [AllowFunc] for a
// Transport.
func Peers(trusted func(r *http.Request) bool) Option {
	glsadapter.MustFunc("glsotel.Peers", trusted == nil)
	return func(c *config) { c.trusted, c.tells = trusted, trusted }
}

// KeepHeaders makes a [Transport] send the headers of trace, baggage and
// variables that a request already has, whoever wrote them, unless the
// propagator replaces them. By default a Transport removes them. In a proxy,
// KeepHeaders lets clients choose the identity that the next server sees: use
// it only if the program itself writes these headers. A [Handler] ignores this
// option.
func KeepHeaders() Option {
	return func(c *config) { c.keep = true }
}
