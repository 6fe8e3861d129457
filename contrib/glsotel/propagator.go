package glsotel

import (
	"context"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// Propagator returns the propagator of exported variables, to stand behind those
// of OpenTelemetry:
//
//	propagation.NewCompositeTextMapPropagator(
//		propagation.TraceContext{}, propagation.Baggage{}, glsotel.Propagator(exports...))
//
// Inject writes what is bound in the goroutine that calls it, as
// glsexport.Inject does, but adds to a baggage header that is there: members
// that OpenTelemetry's propagator wrote stay, and win over variables of the same
// name, because somebody put them there explicitly. Extract keeps what it finds
// in the context that it returns; it binds nothing, [Restore] does. Both are
// bounded and validated as glsexport has it, and counted in [ReadStats].
//
// Listed before propagation.Baggage, its members are overwritten by that one's
// wherever a context has baggage: less is sent, nothing else.
//
// Whoever uses a propagator to inject tells the peer. [Transport] asks whether it
// may be told, otelhttp does not.
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

type propagator struct {
	// All fields are immutable after Propagator.

	vars    []glsexport.Exported
	fields  []string // the headers of vars
	members []string // those of vars that are baggage, by name
}

func (p propagator) Fields() []string { return slices.Clone(p.fields) }

func (p propagator) Inject(_ context.Context, c propagation.TextMapCarrier) {
	a := adding{TextMapCarrier: c}
	report := glsexport.Inject(&a, p.vars...)
	report.Carried -= a.kept + a.excess
	report.Kept += a.kept
	report.Excess += a.excess
	counters.injected(report)
}

// adding is a carrier in which a new baggage is added to the old one.
type adding struct {
	propagation.TextMapCarrier
	kept, excess int // members of the new one that were left out
}

// Keys hides the baggage that is there already, for which glsexport.Inject would
// leave out all members.
func (a *adding) Keys() []string {
	return slices.DeleteFunc(slices.Clone(a.TextMapCarrier.Keys()), func(key string) bool {
		return strings.EqualFold(key, glsexport.BaggageHeader)
	})
}

func (a *adding) Set(key, value string) {
	old := ""
	if key == glsexport.BaggageHeader {
		old = a.Get(key)
	}
	if old != "" {
		value = a.add(old, value)
	}
	a.TextMapCarrier.Set(key, value)
}

// add returns the baggage old with those members of more that it has not, as
// far as the limits allow.
func (a *adding) add(old, more string) string {
	there := glsexport.ParseBaggage(old).Members
	has := func(key string) bool {
		return slices.ContainsFunc(there, func(m glsexport.Member) bool { return m.Key == key })
	}
	n := strings.Count(old, ",") + 1 // malformed members count too, where they arrive
	for _, m := range glsexport.ParseBaggage(more).Members {
		text := "," + m.String()
		switch {
		case has(m.Key):
			a.kept++
		case n >= glsexport.MaxMembers || len(old)+len(text) > glsexport.MaxBytes:
			a.excess++
		default:
			old += text
			n++
		}
	}
	return old
}

// arrivedKey is the key of what Extract found, in a context.
type arrivedKey struct{}

type arrived struct {
	bindings []gls.Binding
	members  []string // the baggage members that are variables, found or not
}

func (p propagator) Extract(ctx context.Context, c propagation.TextMapCarrier) context.Context {
	bindings, report := glsexport.Extract(c, p.vars...)
	counters.extracted(report)
	before, _ := ctx.Value(arrivedKey{}).(arrived) // of another Propagator
	return context.WithValue(ctx, arrivedKey{}, arrived{
		slices.Concat(before.bindings, bindings),
		slices.Concat(before.members, p.members),
	})
}

// Restore calls f with the variables bound that a [Propagator] extracted into
// ctx, and with ctx as the implicit context of package glsctx, and so with its
// span and baggage as the current ones. Afterwards all is as before. Call it
// only for peers that may speak for others; f belongs behind a barrier, such as
// glshttp.Handler.
//
// f gets ctx without what was restored: the variables are no longer members of
// its baggage, so that what the peer said cannot be sent on in place of what
// is bound by then, and restoring it again binds nothing. Members that were
// refused are gone as well. A nil ctx panics with glsctx.ErrNilContext, a nil f
// with [gls.ErrNilFunc].
func Restore(ctx context.Context, f func(ctx context.Context)) {
	mustFunc("Restore", f == nil)
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
