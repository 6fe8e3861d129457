package glsexport_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

func ExampleScrub() {
	tenant := gls.New[string]("tenant")
	export := glsexport.Export(tenant, "tenant", glsexport.String())

	stranger := http.Header{"Baggage": {"color=red, tenant=evil"}}
	fmt.Println(glsexport.Scrub(stranger, export))
	fmt.Println(stranger)
	// Output:
	// map[Baggage:[color=red]]
	// map[Baggage:[color=red, tenant=evil]]
}

func ExampleOverwrite() {
	tenant := gls.New[string]("tenant")
	export := glsexport.Export(tenant, "tenant", glsexport.String())

	message := glsexport.MapCarrier{"baggage": "color=red, tenant=evil"}
	tenant.With("acme", func() { glsexport.Overwrite(message, export) })
	fmt.Println(message["baggage"])
	// Output:
	// color=red,tenant=acme
}

func TestScrubHeaders(t *testing.T) {
	h := http.Header{"X-Request-Id": {"a"}, "x-request-id": {"b"}, "Accept": {"*/*"}}
	require.Equal(t, http.Header{"Accept": {"*/*"}}, glsexport.Scrub(h, exports...))
	require.Len(t, h, 3, "the map itself is left alone")
}

func TestScrubReturnsTheMapItselfIfThereIsNothing(t *testing.T) {
	for _, h := range []http.Header{
		nil,
		{},
		{"Accept": {"*/*"}},
		{"Baggage": {"color=red;p=1, tenants=x"}},
		{"Baggage": {""}},
	} {
		got := glsexport.Scrub(h, exports...)
		require.Equal(t, h, got)
		if h != nil {
			h["Added"] = nil
			require.Contains(t, got, "Added")
		}
	}
	h := http.Header{"Baggage": {"tenant=x"}}
	require.Equal(t, h, glsexport.Scrub(h), "no variables")
	require.Equal(t, h, glsexport.Scrub(h, glsexport.Exported{}))
}

// Rows are baggage headers, and what may be left of them: nothing that any
// parser could take for the tenant.
func TestScrubBaggage(t *testing.T) {
	many := strings.Repeat("k=v,", 63)
	for _, tt := range []struct {
		name string
		in   []string
		want string
	}{
		{"alone", []string{"tenant=evil"}, ""},
		{"with properties", []string{"tenant=evil;p=1"}, ""},
		{"among others", []string{"a=b,tenant=evil,c=d"}, "a=b,c=d"},
		{"twice", []string{"tenant=evil", "a=b", "tenant=worse"}, "a=b"},
		{"properties of others", []string{"a=b;p;q=r,tenant=evil"}, "a=b;p;q=r"},
		{"blank space", []string{" tenant = evil , a = b "}, "a=b"},
		{"another case", []string{"Tenant=evil,a=b"}, "a=b"},
		{"escaped name", []string{"%74enant=evil,a=b"}, "a=b"},
		{"escaped blank", []string{"%20tenant=evil,a=b"}, "a=b"},
		{"plus", []string{"tenant+=evil,a=b"}, "a=b"},
		{"broken escape in a name", []string{"a%zz=1,b=2"}, "b=2"},
		{"malformed value", []string{`tenant="evil",a=b`}, "a=b"},
		{"malformed member elsewhere", []string{`a="tenant=evil",b=1`}, "b=1"},
		{"a quote that hides a comma", []string{`a="x,tenant=evil",b=1`}, "b=1"},
		{"line break", []string{"a=b\r\ntenant: evil,c=d"}, "c=d"},
		{"values with escapes", []string{"a=%C3%A9%2C,tenant=evil"}, "a=%C3%A9%2C"},
		{"in the 65th member", []string{many + "k=v,tenant=evil"}, many + "k=v"},
		{"behind the limit of bytes", []string{"a=b,c=" + strings.Repeat("x", 8192) + ",tenant=evil"}, "a=b"},
		{"all malformed", []string{"=,;,tenant"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := http.Header{"Baggage": tt.in, "Accept": {"*/*"}}
			want := http.Header{"Baggage": {tt.want}, "Accept": {"*/*"}}
			if tt.want == "" {
				delete(want, "Baggage")
			}
			require.Equal(t, want, glsexport.Scrub(h, exports...))
			require.Equal(t, tt.in, h["Baggage"])
		})
	}
}

func TestScrubTakesPrivateVariablesToo(t *testing.T) {
	tx := gls.New("tx", gls.NoInherit[string]())
	h := http.Header{"Baggage": {"tx=forged"}, "X-Tx": {"forged"}}
	require.Empty(t, glsexport.Scrub(h, glsexport.Export(tx, "tx", glsexport.String()), glsexport.ExportHeader(tx, "x-tx", glsexport.String())))
}

func TestOverwrite(t *testing.T) {
	full := strings.TrimSuffix(strings.Repeat("k=v,", 64), ",")
	for _, tt := range []struct {
		name string
		bind []gls.Binding
		in   many
		want many
		rep  glsexport.Report
	}{
		{"nothing is bound", nil, many{"baggage": {"tenant=a"}}, many{"baggage": {"tenant=a"}}, glsexport.Report{}},
		{"a header", []gls.Binding{request.Bind("r-2")}, many{"x-request-id": {"r-1", "r-0"}},
			many{"x-request-id": {"r-2"}}, glsexport.Report{Carried: 1}},
		{"a member", []gls.Binding{tenant.Bind("acme")}, many{"baggage": {"a=b,tenant=evil", "tenant=worse;p"}},
			many{"baggage": {"a=b,tenant=acme"}}, glsexport.Report{Carried: 1}},
		{"two members", []gls.Binding{tenant.Bind("acme"), shard.Bind(1)}, many{"baggage": {"shard=9"}},
			many{"baggage": {"tenant=acme,shard=1"}}, glsexport.Report{Carried: 2}},
		{"a full baggage of others", []gls.Binding{tenant.Bind("acme")}, many{"baggage": {full}},
			many{"baggage": {strings.TrimSuffix(full, "k=v") + "tenant=acme"}}, glsexport.Report{Carried: 1}},
		{"refused", []gls.Binding{tenant.Bind("a\nb")}, many{"baggage": {"tenant=evil"}},
			many{"baggage": {"tenant=evil"}}, glsexport.Report{Refused: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			gls.With(func() { require.Equal(t, tt.rep, glsexport.Overwrite(tt.in, exports...)) }, tt.bind...)
			require.Equal(t, tt.want, tt.in)
		})
	}
}

// FuzzScrub: whatever a stranger sends, what is left binds nothing, and an
// Overwrite behind it says what is bound.
func FuzzScrub(f *testing.F) {
	for _, s := range []string{"tenant=evil", "a=b,Tenant=x;p", "%74enant=x", `a="b,tenant=x"`, "tenant", "=", strings.Repeat("k=v,", 70) + "tenant=x"} {
		f.Add(s, s)
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		h := glsexport.Scrub(many{"baggage": {one, two}, "x-request-id": {one}}, exports...)
		if bindings, rep := glsexport.Extract(h, exports...); len(bindings) > 0 || rep.Refused > 0 || rep.Ambiguous > 0 {
			t.Fatalf("%q: %d bindings, %+v", h, len(bindings), rep)
		}
		out := many{}
		for key, values := range h {
			out[key] = values
		}
		tenant.With("acme", func() { glsexport.Overwrite(out, exports...) })
		bindings, rep := glsexport.Extract(out, exports...)
		if len(bindings) != 1 || rep.Dropped() > 0 {
			t.Fatalf("%q: %d bindings, %+v", out, len(bindings), rep)
		}
		gls.With(func() {
			if tenant.Get() != "acme" {
				t.Fatalf("%q", tenant.Get())
			}
		}, bindings...)
	})
}
