package glsotel_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/trace"

	"github.com/seed18162548/contextvars/contrib/glsotel"
	"github.com/seed18162548/contextvars/gls/glsctx"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// all is what a program would make its global propagator.
var all = propagation.NewCompositeTextMapPropagator(
	propagation.TraceContext{}, propagation.Baggage{}, glsotel.Propagator(exports...))

// carrying returns a context with this baggage.
func carrying(t *testing.T, header string) context.Context {
	t.Helper()
	b, err := baggage.Parse(header)
	require.NoError(t, err)
	return baggage.ContextWithBaggage(context.Background(), b)
}

func TestPropagatorFields(t *testing.T) {
	require.Equal(t, []string{"baggage", "X-User"}, glsotel.Propagator(append(exports, glsexport.Exported{})...).Fields())
	require.Empty(t, glsotel.Propagator().Fields())
}

func TestPropagatorComposes(t *testing.T) {
	tp := record(t)
	sent := propagation.MapCarrier{}
	ctx, span := tp.tracer().Start(carrying(t, "session=7;ttl=60"), "sender")
	defer span.End()
	tenant.With("Amélie", func() {
		user.With("ann", func() { all.Inject(ctx, sent) })
	})
	require.Equal(t, "session=7;ttl=60,tenant=Am%C3%A9lie", sent["baggage"])
	require.Equal(t, "ann", sent["X-User"])
	require.Contains(t, sent["traceparent"], span.SpanContext().TraceID().String())

	got := all.Extract(context.Background(), sent)
	_, bound := tenant.Lookup()
	require.False(t, bound, "Extract binds nothing")
	glsotel.Restore(got, func(ctx context.Context) {
		require.Equal(t, "Amélie", tenant.Get())
		require.Equal(t, "ann", user.Get())
		require.Equal(t, ctx, glsctx.Current())
		require.Equal(t, span.SpanContext().SpanID(), glsotel.Span().SpanContext().SpanID())
		require.Equal(t, "session=7;ttl=60", glsotel.Baggage().String(), "a variable is no member")
		require.Equal(t, got.Value("anything"), ctx.Value("anything"))

		tenant.With("other", func() {
			onward := propagation.MapCarrier{}
			all.Inject(ctx, onward)
			require.Equal(t, "session=7;ttl=60,tenant=other", onward["baggage"])
			glsotel.Restore(ctx, func(context.Context) { require.Equal(t, "other", tenant.Get(), "restored once") })
		})
	})
	_, bound = tenant.Lookup()
	require.False(t, bound)
	require.Equal(t, context.Background(), glsctx.Current())
}

// What a context has under the name of a variable may be a stranger's word,
// which otelhttp or otelgrpc has believed.
func TestPropagatorOwnsItsNames(t *testing.T) {
	ctx := carrying(t, "a=1,tenant=evil")
	for _, tt := range []struct {
		name  string
		there propagation.MapCarrier
		bound propagation.MapCarrier // what is sent if the variables are bound
		none  propagation.MapCarrier // if they are not
	}{
		{"empty", propagation.MapCarrier{},
			propagation.MapCarrier{"baggage": "a=1,tenant=acme", "X-User": "ann"}, propagation.MapCarrier{"baggage": "a=1"}},
		{"a header", propagation.MapCarrier{"X-User": "evil"},
			propagation.MapCarrier{"baggage": "a=1,tenant=acme", "X-User": "ann"}, propagation.MapCarrier{"baggage": "a=1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			sent := propagation.MapCarrier{}
			maps.Copy(sent, tt.there)
			all.Inject(ctx, sent)
			require.Equal(t, tt.none, sent)
			tenant.With("acme", func() {
				user.With("ann", func() { all.Inject(ctx, tt.there) })
			})
			require.Equal(t, tt.bound, tt.there)
		})
	}
	only := propagation.HeaderCarrier{"Baggage": {"tenant=evil", "tenant=worse"}, "X-User": {"a", "b"}}
	glsotel.Propagator(exports...).Inject(context.Background(), only)
	require.Empty(t, only)

	other := foreign{"baggage": "tenant=evil", "X-User": "evil"}
	glsotel.Propagator(exports...).Inject(context.Background(), other)
	require.Equal(t, foreign{"baggage": "", "X-User": ""}, other)
}

// A foreign is a carrier of a type that nobody knows.
type foreign map[string]string

func (f foreign) Get(key string) string { return f[key] }
func (f foreign) Set(key, value string) { f[key] = value }
func (f foreign) Keys() []string        { return slices.Collect(maps.Keys(f)) }

// In the wrong order less arrives, and nothing wrong.
func TestPropagatorBeforeBaggage(t *testing.T) {
	wrong := propagation.NewCompositeTextMapPropagator(glsotel.Propagator(exports...), propagation.Baggage{})
	sent := propagation.MapCarrier{}
	tenant.With("acme", func() { wrong.Inject(context.Background(), sent) })
	require.Equal(t, "tenant=acme", sent["baggage"], "there was no other baggage")
	tenant.With("acme", func() { wrong.Inject(carrying(t, "session=7"), sent) })
	require.Equal(t, "session=7", sent["baggage"])

	ctx := wrong.Extract(context.Background(), propagation.MapCarrier{"baggage": "session=7,tenant=acme"})
	glsotel.Restore(ctx, func(ctx context.Context) {
		require.Equal(t, "acme", tenant.Get())
		tenant.With("other", func() { wrong.Inject(ctx, sent) })
		require.Equal(t, "session=7", sent["baggage"], "not the tenant that came in")
	})
}

func TestPropagatorLeavesOutWhatIsBad(t *testing.T) {
	for _, tt := range []struct {
		name    string
		carrier propagation.MapCarrier
		members string // of the baggage that is restored
	}{
		{"nothing", nil, ""},
		{"refused by the codec", propagation.MapCarrier{"baggage": "a=1,tenant=x%0Ay"}, "a=1"},
		{"ambiguous", propagation.MapCarrier{"baggage": "tenant=ann,tenant=bob"}, ""},
		{"malformed", propagation.MapCarrier{"baggage": "tenant"}, ""},
		{"oversize", propagation.MapCarrier{"baggage": "tenant=" + strings.Repeat("x", glsexport.MaxBytes)}, ""},
		{"a bad header", propagation.MapCarrier{"X-User": "ann\r\nX-Admin: 1", "traceparent": "00-zz"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			glsotel.Restore(all.Extract(context.Background(), tt.carrier), func(context.Context) {
				_, bound := tenant.Lookup()
				require.False(t, bound)
				_, bound = user.Lookup()
				require.False(t, bound)
				require.Equal(t, tt.members, glsotel.Baggage().String())
				require.Equal(t, trace.SpanContext{}, glsotel.Span().SpanContext())
			})
		})
	}
}

func TestPropagatorKeepsTheLimits(t *testing.T) {
	var many []string
	for i := range glsexport.MaxMembers {
		many = append(many, fmt.Sprintf("k%d=v", i))
	}
	full := func(more int) string {
		return "k=" + strings.Repeat("x", glsexport.MaxBytes-len("k=,tenant=acme")+more)
	}
	for _, tt := range []struct{ name, old, want string }{
		{"one member less", strings.Join(many[1:], ","), strings.Join(many[1:], ",") + ",tenant=acme"},
		{"all members", strings.Join(many, ","), strings.Join(many[:63], ",") + ",tenant=acme"},
		{"room for it", full(0), full(0) + ",tenant=acme"},
		{"a byte too many", full(1), "tenant=acme"},
		{"nonsense", "\x00;;=", "tenant=acme"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := glsotel.ReadStats().Injected
			sent := propagation.MapCarrier{"baggage": tt.old}
			tenant.With("acme", func() { glsotel.Propagator(exports...).Inject(context.Background(), sent) })
			require.Equal(t, tt.want, sent["baggage"])
			require.Equal(t, 1, glsotel.ReadStats().Injected.Carried-before.Carried)
		})
	}
}

func TestSeveralPropagators(t *testing.T) {
	both := propagation.NewCompositeTextMapPropagator(glsotel.Propagator(exports[0]), glsotel.Propagator(exports[1]))
	ctx := both.Extract(context.Background(), propagation.MapCarrier{"baggage": "tenant=acme", "X-User": "ann"})
	glsotel.Restore(ctx, func(context.Context) {
		require.Equal(t, []string{"acme", "ann"}, []string{tenant.Get(), user.Get()})
	})
}

// One context may be restored by many goroutines at once.
func TestRestoreConcurrently(t *testing.T) {
	ctx := all.Extract(context.Background(), propagation.MapCarrier{"baggage": "a=1,tenant=acme", "X-User": "ann"})
	done := make(chan string)
	for range 32 {
		go glsotel.Restore(ctx, func(context.Context) { done <- tenant.Get() + user.Get() })
	}
	for range 32 {
		require.Equal(t, "acmeann", <-done)
	}
}
