package glsotel

import (
	"context"
	"net/http"
	"slices"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// Propagator returns the propagator of exported variables, to stand behind
// those of OpenTelemetry:
//
//	propagation.NewCompositeTextMapPropagator(
//		propagation.TraceContext{}, propagation.Baggage{}, glsotel.Propagator(exports...))
//
// Inject writes what is bound in the goroutine that calls it. The headers of
// these variables, and their members of the baggage, belong to it: it writes
// what is bound over what the carrier has, and removes what the carrier has
// where nothing is bound. So a member of OpenTelemetry's baggage that is called
// like a variable, which a stranger may have sent, never goes on in its place.
// Other members stay.
//
// Extract keeps what it finds in the context that it returns; it binds nothing,
// [Restore] does. Both are bounded and validated as by package glsexport, and
// counted in [ReadStats].
//
// List it last. In front of propagation.Baggage, that one overwrites its
// members wherever a context has baggage.
//
// A propagator tells whatever peer it is used for. [Transport] asks first
// whether the peer may be told, otelhttp does not.
func Propagator(vars ...glsexport.Exported) propagation.TextMapPropagator {
	p := propagator{vars: slices.Clone(vars)}
	for _, e := range vars {
		if e.Name() == "" {
			continue // the zero Exported
		}
		if !slices.Contains(p.fields, e.Header()) {
			p.fields = append(p.fields, e.Header())
		}
		if e.Header() == glsexport.BaggageHeader {
			p.members = append(p.members, e.Name())
		}
	}
	return p
}

// A propagator is what Propagator returns. All fields are immutable.
type propagator struct {
	vars    []glsexport.Exported
	fields  []string // the headers of vars
	members []string // those of vars that are baggage, by name
}

func (p propagator) Fields() []string { return slices.Clone(p.fields) }

func (p propagator) Inject(_ context.Context, c propagation.TextMapCarrier) {
	there := make(map[string][]string, len(p.fields))
	for _, name := range p.fields {
		if values := valuesOf(c, name); len(values) > 0 {
			there[name] = values
		}
	}
	left := glsexport.Scrub(there, p.vars...)
	for name, values := range there {
		switch rest := left[name]; {
		case len(rest) == 0:
			remove(c, name)
		case !slices.Equal(rest, values):
			c.Set(name, rest[0])
		}
	}
	counters.injected.Add(glsexport.Overwrite(c, p.vars...))
}

// valuesOf returns all values that c has for name.
func valuesOf(c propagation.TextMapCarrier, name string) []string {
	if c, ok := c.(propagation.ValuesGetter); ok {
		return c.Values(name)
	}
	if value := c.Get(name); value != "" {
		return []string{value}
	}
	return nil
}

// remove removes name from c. A TextMapCarrier has no method for that: in one
// of a type that is not known, name gets an empty value, which says nothing.
func remove(c propagation.TextMapCarrier, name string) {
	switch c := c.(type) {
	case propagation.HeaderCarrier:
		http.Header(c).Del(name)
	case propagation.MapCarrier:
		delete(c, name)
	default:
		c.Set(name, "")
	}
}

// arrivedKey is the key of what Extract found, in a context.
type arrivedKey struct{}

type arrived struct {
	bindings []gls.Binding
	members  []string // the baggage members that are variables, found or not
	fields   []string // the headers that were read
}

func (p propagator) Extract(ctx context.Context, c propagation.TextMapCarrier) context.Context {
	bindings, report := glsexport.Extract(c, p.vars...)
	counters.extracted.Add(report)
	before, _ := ctx.Value(arrivedKey{}).(arrived) // of another Propagator
	return context.WithValue(ctx, arrivedKey{}, arrived{
		slices.Concat(before.bindings, bindings),
		slices.Concat(before.members, p.members),
		slices.Concat(before.fields, p.fields),
	})
}

// Restore binds what a [Propagator] extracted into ctx, makes ctx the implicit
// context of package glsctx, so that its span and baggage are the current ones,
// and calls f. Afterwards all is as before. Call it only for peers that may
// speak for others, and behind a handler that isolates requests, such as
// glshttp.Handler. For other peers there is [Strip].
//
// f gets ctx without what was restored: the variables are no longer members of
// its baggage, so what the peer said cannot be sent on in place of what is
// bound by then, and restoring it again binds nothing. Members that were
// refused are gone as well. A nil ctx panics with glsctx.ErrNilContext, a nil f
// with [gls.ErrNilFunc].
func Restore(ctx context.Context, f func(ctx context.Context)) {
	glsadapter.MustFunc("glsotel.Restore", f == nil)
	if ctx == nil {
		panic(glsctx.ErrNilContext)
	}
	a, found := ctx.Value(arrivedKey{}).(arrived)
	if found {
		ctx = context.WithValue(without(ctx, a.members), arrivedKey{}, nil)
	}
	gls.With(func() { f(ctx) }, append(slices.Clip(a.bindings), glsctx.Bind(ctx))...)
}

// without returns ctx with no baggage members of these names.
func without(ctx context.Context, names []string) context.Context {
	b := baggage.FromContext(ctx)
	n := b.Len()
	for _, name := range names {
		b = b.DeleteMember(name)
	}
	if b.Len() == n {
		return ctx
	}
	return baggage.ContextWithBaggage(ctx, b)
}
