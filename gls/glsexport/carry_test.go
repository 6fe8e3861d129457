package glsexport_test

import (
	"errors"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

var (
	tenant  = gls.New[string]("tenant", gls.Default("nobody"))
	shard   = gls.New[int]("shard")
	trial   = gls.New[bool]("trial")
	request = gls.New[string]("request_id")

	exports = []glsexport.Exported{
		glsexport.Export(tenant, "tenant", glsexport.String()),
		glsexport.Export(shard, "shard", glsexport.Int()),
		glsexport.Export(trial, "trial", glsexport.Bool()),
		glsexport.ExportHeader(request, "X-Request-ID", glsexport.String()),
	}
)

// raw is a codec that accepts and produces anything.
var raw = glsexport.Codec[string]{
	Encode: func(s string) (string, error) { return s, nil },
	Decode: func(s string) (string, error) { return s, nil },
}

// many is a carrier with several values of a key, and no case, as http.Header.
type many map[string][]string

func (m many) Get(key string) string {
	if vs := m.Values(key); len(vs) > 0 {
		return vs[0]
	}
	return ""
}
func (m many) Set(key, value string)      { m[strings.ToLower(key)] = []string{value} }
func (m many) Values(key string) []string { return m[strings.ToLower(key)] }
func (m many) Keys() (keys []string) {
	for k := range m {
		keys = append(keys, k)
	}
	return keys
}

func TestRoundTrip(t *testing.T) {
	carrier := many{}
	gls.With(func() {
		require.Equal(t, glsexport.Report{Carried: 3}, glsexport.Inject(carrier, exports...))
	}, tenant.Bind("Amélie & Co, Ltd"), shard.Bind(-7), request.Bind("r-1"))
	require.Equal(t, many{
		"baggage":      {"tenant=Am%C3%A9lie%20&%20Co%2C%20Ltd,shard=-7"},
		"x-request-id": {"r-1"},
	}, carrier)

	bindings, rep := glsexport.Extract(carrier, exports...)
	require.Equal(t, glsexport.Report{Carried: 3}, rep)
	require.Zero(t, gls.CopyContext().Len(), "Extract binds nothing by itself")
	gls.With(func() {
		require.Equal(t, "Amélie & Co, Ltd", tenant.Get())
		require.Equal(t, -7, shard.Get())
		require.Equal(t, "r-1", request.Get())
		_, ok := trial.Lookup()
		require.False(t, ok)
	}, bindings...)
}

func TestInjectWritesWhatIsBoundAndNothingElse(t *testing.T) {
	carrier := glsexport.MapCarrier{}
	require.Zero(t, glsexport.Inject(carrier, exports...))
	require.Empty(t, carrier, "a default is not a binding")
	require.Zero(t, glsexport.Inject(carrier))
	require.Zero(t, glsexport.Inject(nil, exports...), "a carrier that is not needed is not touched")

	defer tenant.Set("").Reset()
	require.Equal(t, 1, glsexport.Inject(carrier, append(exports, glsexport.Exported{})...).Carried)
	require.Equal(t, glsexport.MapCarrier{"baggage": "tenant="}, carrier, "an empty value is one")
}

func TestInjectLeavesHeadersThatAreThere(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   glsexport.MapCarrier
		want glsexport.MapCarrier
	}{
		{"own header", glsexport.MapCarrier{"x-request-id": "mine"}, glsexport.MapCarrier{"x-request-id": "mine", "baggage": "tenant=ann"}},
		{"empty header", glsexport.MapCarrier{"X-REQUEST-ID": ""}, glsexport.MapCarrier{"X-REQUEST-ID": "", "baggage": "tenant=ann"}},
		{"baggage, as a whole", glsexport.MapCarrier{"Baggage": "other=1"}, glsexport.MapCarrier{"Baggage": "other=1", "X-Request-ID": "r-1"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			defer tenant.Set("ann").Reset()
			defer request.Set("r-1").Reset()
			require.Equal(t, glsexport.Report{Carried: 1, Kept: 1}, glsexport.Inject(tt.in, exports...))
			require.Equal(t, tt.want, tt.in)
		})
	}
}

func TestInjectOfOneNameTwiceWritesTheFirst(t *testing.T) {
	defer tenant.Set("ann").Reset()
	defer request.Set("r-1").Reset()
	carrier := glsexport.MapCarrier{}
	rep := glsexport.Inject(carrier,
		glsexport.Export(tenant, "x", raw), glsexport.Export(request, "x", raw),
		glsexport.ExportHeader(tenant, "X-Who", raw), glsexport.ExportHeader(request, "x-who", raw))
	require.Equal(t, glsexport.Report{Carried: 2, Kept: 2}, rep)
	require.Equal(t, glsexport.MapCarrier{"baggage": "x=ann", "X-Who": "ann"}, carrier)
}

func TestInjectRefuses(t *testing.T) {
	for name, bad := range map[string]string{
		"CRLF":           "x\r\nX-Admin: true",
		"line feed":      "x\ny",
		"NUL":            "x\x00",
		"escape":         "\x1b[2J",
		"DEL":            "\x7f",
		"tab":            "a\tb",
		"high byte":      "é",
		"empty":          "",
		"leading space":  " x",
		"trailing space": "x ",
		"overlong":       strings.Repeat("x", 8193),
	} {
		t.Run(name, func(t *testing.T) {
			defer request.Set(bad).Reset()
			carrier := glsexport.MapCarrier{}
			rep := glsexport.Inject(carrier, glsexport.ExportHeader(request, "X-Request-ID", raw))
			require.Equal(t, glsexport.Report{Refused: 1}, rep)
			require.Empty(t, carrier)
		})
	}
	t.Run("by the codec", func(t *testing.T) {
		defer request.Set("a\nb").Reset()
		carrier := glsexport.MapCarrier{}
		rep := glsexport.Inject(carrier, glsexport.Export(request, "r", glsexport.String()))
		require.Equal(t, glsexport.Report{Refused: 1}, rep)
		require.Equal(t, 1, rep.Dropped())
		require.Empty(t, carrier)
	})
	t.Run("but baggage escapes", func(t *testing.T) {
		defer request.Set("x\r\nX-Admin: true").Reset()
		carrier := glsexport.MapCarrier{}
		glsexport.Inject(carrier, glsexport.Export(request, "r", raw))
		require.Equal(t, glsexport.MapCarrier{"baggage": "r=x%0D%0AX-Admin:%20true"}, carrier)
	})
}

func TestInjectDropsWholeMembersFromTheEnd(t *testing.T) {
	defer request.Set(strings.Repeat("x", 4000)).Reset()
	defer shard.Set(1).Reset()
	carrier := glsexport.MapCarrier{}
	rep := glsexport.Inject(carrier,
		glsexport.Export(request, "a", raw), glsexport.Export(request, "b", raw),
		glsexport.Export(request, "c", raw), glsexport.Export(shard, "d", glsexport.Int()))
	require.Equal(t, glsexport.Report{Carried: 2, Excess: 2}, rep, "d would fit, but comes after c")
	require.LessOrEqual(t, len(carrier["baggage"]), glsexport.MaxBytes)

	var vars []glsexport.Exported
	for i := 0; i < 70; i++ {
		vars = append(vars, glsexport.Export(shard, "k"+strconv.Itoa(i), glsexport.Int()))
	}
	carrier = glsexport.MapCarrier{}
	require.Equal(t, glsexport.Report{Carried: 64, Excess: 6}, glsexport.Inject(carrier, vars...))
	b := glsexport.ParseBaggage(carrier["baggage"])
	require.Len(t, b.Members, 64)
	require.Zero(t, b.Excess)
}

func TestExtractLeavesOut(t *testing.T) {
	for _, tt := range []struct {
		name string
		in   many
		want glsexport.Report
	}{
		{"nothing", nil, glsexport.Report{}},
		{"other people's members", many{"baggage": {"a=1,b=2;c=3"}}, glsexport.Report{}},
		{"malformed members", many{"baggage": {"tenant=a b,shard"}}, glsexport.Report{Malformed: 2}},
		{"codec", many{"baggage": {"shard=0x7,trial=yes,tenant=a%0Ab"}}, glsexport.Report{Refused: 3}},
		{"bytes that were lost", many{"baggage": {"tenant=%FF"}}, glsexport.Report{Refused: 1}},
		{"two identities", many{"baggage": {"tenant=ann,tenant=bob"}}, glsexport.Report{Ambiguous: 1}},
		{"two identities in two headers", many{"baggage": {"tenant=ann", "x=y", "tenant=bob"}}, glsexport.Report{Ambiguous: 1}},
		{"and back to the first", many{"baggage": {"tenant=ann,tenant=bob,tenant=ann"}}, glsexport.Report{Ambiguous: 1}},
		{"two own headers", many{"x-request-id": {"a", "b"}}, glsexport.Report{Ambiguous: 1}},
		{"case of a key", many{"baggage": {"Tenant=ann"}}, glsexport.Report{}},
		{"empty own header", many{"x-request-id": {""}}, glsexport.Report{Refused: 1}},
		{"binary own header", many{"x-request-id": {"a\x01"}}, glsexport.Report{Refused: 1}},
		{"overlong own header", many{"x-request-id": {strings.Repeat("a", 8193)}}, glsexport.Report{Refused: 1}},
		{"beyond the limits", many{"baggage": {strings.Repeat("a=1,", 64) + "tenant=ann"}}, glsexport.Report{Excess: 1}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			bindings, rep := glsexport.Extract(tt.in, exports...)
			require.Empty(t, bindings)
			require.Equal(t, tt.want, rep)
		})
	}
}

func TestExtractTakesTheRest(t *testing.T) {
	in := many{"baggage": {"?,tenant=ann;secret,tenant=ann", "shard=x,trial=true"}, "x-request-id": {"r", "r"}}
	bindings, rep := glsexport.Extract(in, exports...)
	require.Equal(t, glsexport.Report{Carried: 3, Malformed: 1, Refused: 1}, rep)
	gls.With(func() {
		require.Equal(t, "ann", tenant.Get(), "said twice is said once")
		require.True(t, trial.Get())
		require.Equal(t, "r", request.Get())
	}, bindings...)
}

func TestExtractOfOneVariableUnderTwoNames(t *testing.T) {
	bindings, _ := glsexport.Extract(many{"baggage": {"new=n,old=o"}},
		glsexport.Export(tenant, "old", raw), glsexport.Export(tenant, "new", raw), glsexport.Exported{})
	gls.With(func() { require.Equal(t, "n", tenant.Get()) }, bindings...)
}

func TestExtractFromACarrierOfSingleValues(t *testing.T) {
	bindings, rep := glsexport.Extract(glsexport.MapCarrier{"baggage": "tenant=ann"}, exports...)
	require.Equal(t, glsexport.Report{Carried: 1}, rep)
	require.Len(t, bindings, 1)
	_, rep = glsexport.Extract(glsexport.MapCarrier(nil), exports...)
	require.Zero(t, rep)
}

func TestExportPanicsOnMisuse(t *testing.T) {
	caught := func(f func()) (err error) {
		defer func() { err, _ = recover().(error) }()
		f()
		return nil
	}
	for _, name := range []string{"", "a b", "a,b", "a=b", "é", "a\r\nb", "a:b", "a/b"} {
		require.ErrorIs(t, caught(func() { glsexport.Export(tenant, name, raw) }), glsexport.ErrName, "%q", name)
		require.ErrorIs(t, caught(func() { glsexport.ExportHeader(tenant, name, raw) }), glsexport.ErrName, "%q", name)
	}
	for _, name := range []string{"Baggage", "Host", "content-length", "Transfer-Encoding", "Connection", "TE"} {
		require.ErrorIs(t, caught(func() { glsexport.ExportHeader(tenant, name, raw) }), glsexport.ErrName, "%q", name)
	}
	require.ErrorIs(t, caught(func() { glsexport.Export(tenant, "t", glsexport.Codec[string]{}) }), gls.ErrNilFunc)
	require.Equal(t, "tenant", exports[0].Name())
}

func TestPanicOfACodecPassesThrough(t *testing.T) {
	boom := errors.New("boom")
	bad := glsexport.Codec[string]{
		Encode: func(string) (string, error) { panic(boom) },
		Decode: func(string) (string, error) { panic(boom) },
	}
	defer tenant.Set("ann").Reset()
	e := glsexport.Export(tenant, "t", bad)
	require.PanicsWithValue(t, boom, func() { glsexport.Inject(many{}, e) })
	require.PanicsWithValue(t, boom, func() { glsexport.Extract(many{"baggage": {"t=1"}}, e) })
}
