package test_test

import (
	"context"
	"net/http"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/baggage"
	"go.opentelemetry.io/otel/propagation"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
	"github.com/seed18162548/contextvars/gls/glshttp"
)

// The shapes are the same, both ways.
var (
	_ propagation.TextMapCarrier = glshttp.HeaderCarrier(nil)
	_ propagation.TextMapCarrier = glsexport.MapCarrier(nil)
	_ propagation.ValuesGetter   = glshttp.HeaderCarrier(nil)
	_ glsexport.Carrier          = propagation.HeaderCarrier(nil)
	_ glsexport.Carrier          = propagation.MapCarrier(nil)
)

// ours returns what ParseBaggage makes of s in the form of theirs: one line for
// each key, the last member of it.
func ours(s string) (lines []string, b glsexport.Baggage) {
	b = glsexport.ParseBaggage(s)
	last := make(map[string]string)
	for _, m := range b.Members {
		var line strings.Builder
		line.WriteString(m.Key + "=" + m.Value)
		for _, p := range m.Properties {
			line.WriteString(";" + p.Key)
			if p.HasValue {
				line.WriteString("=" + p.Value)
			}
		}
		last[m.Key] = line.String()
	}
	for _, line := range last {
		lines = append(lines, line)
	}
	sort.Strings(lines)
	return lines, b
}

// theirs returns what OpenTelemetry makes of s.
func theirs(s string) (lines []string, err error) {
	b, err := baggage.Parse(s)
	for _, m := range b.Members() {
		line := m.Key() + "=" + m.Value()
		for _, p := range m.Properties() {
			line += ";" + p.Key()
			if value, ok := p.Value(); ok {
				line += "=" + value
			}
		}
		lines = append(lines, line)
	}
	sort.Strings(lines)
	return lines, err
}

// samePromise reports whether the two promise the same for s. Outside of it
// they differ by intent: OpenTelemetry takes nothing of a string over the limit
// and counts the members that are left, where we take the members before the
// limit and count those that are there; and it trims white space beyond spaces
// and tabs, which the grammar does not know.
func samePromise(s string) bool {
	if len(s) > glsexport.MaxBytes || strings.Count(s, ",") >= glsexport.MaxMembers || strings.Contains(s, "%") && len(s) > 2000 {
		return false // escapes that are not UTF-8 grow when they are counted as encoded
	}
	for _, r := range s {
		switch r {
		case '\n', '\v', '\f', '\r', 0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000:
			return false
		}
		if 0x2000 <= r && r <= 0x200a {
			return false
		}
	}
	return true
}

func requireAgreement(t *testing.T, s string) {
	t.Helper()
	want, err := theirs(s)
	got, b := ours(s)
	require.Equal(t, want, got, "%q", s)
	blank := false // empty members are an error to OpenTelemetry, and nothing to us
	for _, element := range strings.Split(s, ",") {
		blank = blank || strings.Trim(element, " \t") == ""
	}
	if !blank || s == "" {
		require.Equal(t, err != nil, b.Malformed > 0, "%q: %v, %+v", s, err, b)
	}
	require.Zero(t, b.Excess)
}

var baggageStrings = []string{
	"",
	"userId=alice,serverNode=DF%2028,isProduction=false",
	"key1=value1;property1;property2, key2 = value2, key3=value3; propertyKey=propertyValue",
	"userId =   alice , serverNode = DF%2028, isProduction = false",
	"userId=Am%C3%A9lie",
	"a=1,a=2,b=3,a=4;p",
	"k=", "k=;p=", "k", "=v", "k=v=w", "k==", "k;p=v", "k=v;;p", "k=v;", "k=v; ", "k=v; ;p", "k=v;=w", "k=v;a b", "k=v;p=%20", "k=v;p=%z0", "k=v;p=%",
	"k=%", "k=%4", "k=%zz", "k=%41", "k=%2541", "%41=v", "k=%FF", "k=a%C3", "k=%C0%AF", "k=%ED%A0%80", "k=%00", "k=%0D%0A",
	`k="v"`, `k=a\b`, "k=a b", "é=v", "k=é", "k=\x00", "k=\x7f", "k=\xff", "k\x80=v",
	"!#$%&'*+-.^_`|~09azAZ=!#$&'()*+-./:<=>?@[]^_`{|}~",
	"\tk\t=\tv\t;\tp\t=\tw\t,x=y",
	"a=1,,b=2", ",", " , ", "a=1,", "a=1, ,b", "?,a=1,?",
	"K=1,k=2",
}

func TestBaggageParserAgreesWithOpenTelemetry(t *testing.T) {
	for _, s := range baggageStrings {
		requireAgreement(t, s)
	}
}

func FuzzBaggageParserAgreesWithOpenTelemetry(f *testing.F) {
	for _, s := range baggageStrings {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if samePromise(s) {
			requireAgreement(t, s)
		}
	})
}

// What we write, they read, and the other way round: the value arrives.
func FuzzBaggageCrossesToOpenTelemetry(f *testing.F) {
	for _, s := range []string{"alice", "DF 28", "Amélie", "a,b;c=d%\"\\", "", "\u202e", "a\r\nb", "\xff"} {
		f.Add(s)
	}
	name := gls.New[string]("name")
	export := glsexport.Export(name, "name", glsexport.String())
	f.Fuzz(func(t *testing.T, value string) {
		header := http.Header{}
		var sent glsexport.Report
		name.With(value, func() { sent = glsexport.Inject(glshttp.HeaderCarrier(header), export) })
		if sent.Carried == 0 {
			require.Empty(t, header)
			return
		}
		ctx := propagation.Baggage{}.Extract(context.Background(), propagation.HeaderCarrier(header))
		require.Equal(t, value, baggage.FromContext(ctx).Member("name").Value())

		member, err := baggage.NewMemberRaw("name", value)
		require.NoError(t, err)
		b, err := baggage.New(member)
		if err != nil {
			return // over the limit by their escapes
		}
		back := propagation.HeaderCarrier{}
		propagation.Baggage{}.Inject(baggage.ContextWithBaggage(context.Background(), b), back)
		bindings, got := glsexport.Extract(back, export)
		require.Equal(t, glsexport.Report{Carried: 1}, got)
		gls.With(func() { require.Equal(t, value, name.Get()) }, bindings...)
	})
}

// The carriers of OpenTelemetry serve for ours, with all values of a header.
func TestCarriersOfOpenTelemetry(t *testing.T) {
	name := gls.New[string]("name")
	exports := []glsexport.Exported{
		glsexport.Export(name, "name", glsexport.String()),
		glsexport.ExportHeader(name, "X-Name", glsexport.String()),
	}
	for _, carrier := range []glsexport.Carrier{propagation.HeaderCarrier{}, propagation.MapCarrier{}} {
		name.With("Amélie", func() {
			require.Equal(t, glsexport.Report{Carried: 1, Refused: 1}, glsexport.Inject(carrier, exports...))
		})
		require.Equal(t, "name=Am%C3%A9lie", carrier.Get("baggage"))
		bindings, rep := glsexport.Extract(carrier, exports...)
		require.Equal(t, glsexport.Report{Carried: 1}, rep)
		gls.With(func() { require.Equal(t, "Amélie", name.Get()) }, bindings...)
	}
	several := propagation.HeaderCarrier{"Baggage": {"a=1", "name=ann"}}
	_, rep := glsexport.Extract(several, exports...)
	require.Equal(t, 1, rep.Carried)
	differ := propagation.HeaderCarrier{"Baggage": {"name=bob", "name=ann"}}
	_, rep = glsexport.Extract(differ, exports...)
	require.Equal(t, 1, rep.Ambiguous)
}
