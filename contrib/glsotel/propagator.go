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

// Propagator returns a propagator of exported variables, to be listed after
// those of OpenTelemetry:
//
//	propagation.NewCompositeTextMapPropagator(
//		propagation.TraceContext{}, propagation.Baggage{}, glsotel.Propagator(exports...))
//
// Inject writes what is bound in the goroutine that calls it. The headers of
// these variables, and their members of the baggage, belong to it: it replaces
// what the carrier has with the current bindings, and removes it if nothing is
// bound. A member of OpenTelemetry's baggage that has the name of a variable,
// which a stranger may have sent, is therefore never passed on in its place.
// Other members stay.
//
// Extract stores what it finds in the context that it returns. It binds
// nothing; [Restore] does. Values are limited and validated as by package
// glsexport, and counted in [ReadStats].
//
// List it last: propagation.Baggage would overwrite its members if a context
// has baggage.
//
// A propagator sends variables to every peer that it is used for. [Transport]
// uses it only for allowed hosts; otelhttp uses it for all.
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

// A propagator is the result of Propagator. All fields are immutable.
type propagator struct {
	vars    []glsexport.Exported
	fields  []string // the headers of vars
	members []string // the names of those of vars that are baggage members
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

// remove removes name from c. A TextMapCarrier has no method for that; if the
// type of c is not known, name gets an empty value, which counts as none.
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

// arrivedKey is the key in a context of what Extract found.
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
// calls f, and undoes all of this. Call it only for trusted peers, and inside a
// handler that isolates requests, such as glshttp.Handler. For other peers use
// [Strip].
//
// f gets ctx without what was restored: the variables are no longer members of
// its baggage, so what the peer said cannot be sent on instead of what is bound
// by then, and a second Restore binds nothing. Members that were refused are
// also removed. Restore panics with glsctx.ErrNilContext if ctx is nil and with
// [gls.ErrNilFunc] if f is nil.
func Restore(ctx context.Context, f func(ctx context.Context)) {
	glsadapter.MustFunc("glsotel.Restore", f == nil)
	if ctx == nil {
		panic(glsadapter.Misuse(glsctx.ErrNilContext, "glsotel.Restore"))
	}
	a, found := ctx.Value(arrivedKey{}).(arrived)
	if found {
		ctx = context.WithValue(without(ctx, a.members), arrivedKey{}, nil)
	}
	gls.With(func() { f(ctx) }, append(slices.Clip(a.bindings), glsctx.Bind(ctx))...)
}

// without returns ctx without the baggage members of these names.
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
