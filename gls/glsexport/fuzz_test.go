package glsexport_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// Whatever arrives, the parser stays within its bounds, and what it returns is
// valid and survives being written and parsed again.
func FuzzParseBaggage(f *testing.F) {
	for _, s := range []string{
		"", "a=b", "a=b;p;q=r, c = d%20e", "k=%FF", "k=%", "a=1,,b=2", ";=,", "k=a=b", "k=v;;", "\x00=\r\n",
		strings.Repeat("a=1,", 70), "k=" + strings.Repeat("%C3", 3000), strings.Repeat("x", 9000) + "=1",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		b := glsexport.ParseBaggage(s)
		elements := 1 + strings.Count(s, ",")
		if n := len(b.Members) + b.Malformed; n > glsexport.MaxMembers || n+b.Excess > elements {
			t.Fatalf("%d members, %d malformed, %d excess of %d elements", len(b.Members), b.Malformed, b.Excess, elements)
		}
		size := 0
		for _, m := range b.Members {
			size += len(m.Key) + len(m.Value)
			if m.Key == "" || !utf8.ValidString(m.Value) {
				t.Fatalf("bad member %q", m)
			}
			again := glsexport.ParseBaggage(m.String())
			if len(m.String()) > glsexport.MaxBytes {
				continue // U+FFFD is longer than what it replaced
			}
			if len(again.Members) != 1 || again.Members[0].String() != m.String() {
				t.Fatalf("%q came back as %+v", m.String(), again)
			}
		}
		if size > 3*glsexport.MaxBytes {
			t.Fatalf("%d bytes", size)
		}
		two := glsexport.ParseBaggage(strings.Split(s, ",")...)
		if len(two.Members) != len(b.Members) || two.Malformed != b.Malformed || two.Excess != b.Excess {
			t.Fatalf("split into headers: %+v, together: %+v", two, b)
		}
	})
}

// What one side binds is what the other side gets, or it gets nothing.
func FuzzRoundTrip(f *testing.F) {
	f.Add("ann", 1, "r-1")
	f.Add("a\r\nX-Admin: true", -1, "x\x00")
	f.Add("\xff", 0, " ")
	f.Add(strings.Repeat("é", 3000), 7, strings.Repeat("r", 8193))
	f.Fuzz(func(t *testing.T, who string, n int, id string) {
		carrier := many{}
		var sent glsexport.Report
		gls.With(func() { sent = glsexport.Inject(carrier, exports...) }, tenant.Bind(who), shard.Bind(n), request.Bind(id))
		for key, values := range carrier {
			for _, v := range values {
				for i := 0; i < len(v); i++ {
					if v[i] < 0x20 || v[i] > 0x7e {
						t.Fatalf("header %s: %q", key, v)
					}
				}
			}
		}
		bindings, rep := glsexport.Extract(carrier, exports...)
		if rep != (glsexport.Report{Carried: sent.Carried}) {
			t.Fatalf("sent %+v, got %+v", sent, rep)
		}
		gls.With(func() {
			for _, v := range []struct {
				v    *gls.Var[string]
				want string
			}{{tenant, who}, {request, id}} {
				if x, ok := v.v.Lookup(); ok && x != v.want {
					t.Fatalf("%v: sent %q, got %q", v.v, v.want, x)
				}
			}
			if x, ok := shard.Lookup(); ok && x != n {
				t.Fatalf("sent %d, got %d", n, x)
			}
		}, bindings...)
	})
}

// However the values arrive, nothing is bound that the codecs would refuse.
func FuzzExtract(f *testing.F) {
	f.Add("tenant=ann,shard=1,trial=true", "r-1")
	f.Add("tenant=a,tenant=b", "a\nb")
	f.Add("tenant=%0A,shard=+1,trial=T", "")
	f.Fuzz(func(t *testing.T, baggage, id string) {
		bindings, rep := glsexport.Extract(many{"baggage": {baggage}, "x-request-id": {id}}, exports...)
		if len(bindings) != rep.Carried {
			t.Fatalf("%d bindings, %+v", len(bindings), rep)
		}
		gls.With(func() {
			for _, v := range []*gls.Var[string]{tenant, request} {
				if x, ok := v.Lookup(); ok && (strings.ContainsAny(x, "\r\n\x00\ufffd") || !utf8.ValidString(x)) {
					t.Fatalf("%v bound to %q", v, x)
				}
			}
		}, bindings...)
	})
}
