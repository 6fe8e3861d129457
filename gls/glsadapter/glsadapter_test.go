package glsadapter_test

import (
	"fmt"
	"sort"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
)

var (
	tenant = gls.New("tenant", gls.Default("nobody"))
	shard  = gls.New[int]("shard")
)

func ExampleNewField() {
	field := glsadapter.NewField("glsexample.Attr", tenant.Name(), tenant, glsadapter.TextOf[string])

	_, bound := field.Find()
	fmt.Println(bound)
	tenant.With("acme", func() {
		x, bound := field.Find()
		fmt.Println(field.Key, x, bound)
	})
	// Output:
	// false
	// tenant acme true
}

func TestMustFunc(t *testing.T) {
	glsadapter.MustFunc("glsexample.OnLeak", false)
	defer func() {
		err := recover().(error)
		require.ErrorIs(t, err, gls.ErrNilFunc)
		require.Regexp(t, `^gls: function is nil: glsexample\.OnLeak called by goroutine \d+$`, err.Error())
	}()
	glsadapter.MustFunc("glsexample.OnLeak", true)
}

func TestMustValue(t *testing.T) {
	glsadapter.MustValue("glsexample.New", "io.Writer", false)
	defer func() {
		err := recover().(error)
		require.ErrorIs(t, err, glsadapter.ErrNil)
		require.Regexp(t, `^gls: argument is nil: io\.Writer of glsexample\.New called by goroutine \d+$`, err.Error())
	}()
	glsadapter.MustValue("glsexample.New", "io.Writer", true)
}

func TestFieldCallsOnlyForBoundVariables(t *testing.T) {
	calls := 0
	field := glsadapter.NewField("", "n", shard, func(n int) string { calls++; return fmt.Sprint("#", n) })
	x, bound := field.Find()
	require.Equal(t, "", x)
	require.False(t, bound)
	require.Zero(t, calls)

	shard.With(0, func() {
		x, bound = field.Find()
		require.Equal(t, "#0", x, "a zero that was set counts")
		require.True(t, bound)
	})
	require.Panics(t, func() { glsadapter.NewField[int, string]("", "n", shard, nil) })
}

func TestFieldAllocatesNothing(t *testing.T) {
	field := glsadapter.NewField("", "tenant", tenant, glsadapter.TextOf[string])
	find := func() { field.Find() }
	require.Zero(t, testing.AllocsPerRun(100, find))
	tenant.With("acme", func() { require.Zero(t, testing.AllocsPerRun(100, find)) })
}

type named string

func (n named) String() string { return "named " + string(n) }

func TestTextOf(t *testing.T) {
	require.Equal(t, "a b", glsadapter.TextOf("a b"))
	require.Equal(t, "7", glsadapter.TextOf(7))
	require.Equal(t, "named x", glsadapter.TextOf(named("x")))
	require.Equal(t, "<nil>", glsadapter.TextOf[error](nil))
}

func TestKeys(t *testing.T) {
	keys := glsadapter.Keys(map[string][]string{"a": nil, "B": {"1", "2"}})
	sort.Strings(keys)
	require.Equal(t, []string{"B", "a"}, keys)
	require.Empty(t, glsadapter.Keys(map[string]string(nil)))
}

func TestScrub(t *testing.T) {
	type header map[string][]string
	for _, tt := range []struct {
		name  string
		names []string
		want  header // nil: the map itself
	}{
		{"nothing", nil, nil},
		{"absent", []string{"X-Other"}, nil},
		{"canonical", []string{"X-Tenant"}, header{"Accept": {"*"}}},
		{"any case", []string{"X-TENANT"}, header{"Accept": {"*"}}},
		{"several", []string{"accept", "x-tenant"}, header{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := header{"X-Tenant": {"a", "b"}, "x-tenant": {"raw"}, "Accept": {"*"}}
			got := glsadapter.Scrub(h, tt.names...)
			if tt.want == nil {
				require.Equal(t, h, got)
				require.True(t, glsadapter.Same(h, got))
				return
			}
			require.False(t, glsadapter.Same(h, got))
			require.Equal(t, tt.want, got)
			require.Len(t, h, 3, "the caller's map is left alone")
		})
	}
}

func TestScrubbedHeadersMayBeChanged(t *testing.T) {
	values := append(make([]string, 0, 4), "one")
	h := map[string][]string{"A": values, "B": nil}
	got := glsadapter.Scrub(h, "b")
	got["A"] = append(got["A"], "two")
	require.Equal(t, "", values[:2][1], "an append must not reach the caller's array")
}

func TestLeaks(t *testing.T) {
	outer := gls.NewContext()
	outer.Run(func() { tenant.Set("acme") })
	require.Empty(t, glsadapter.Leftover(gls.NewContext(), nil))
	require.Equal(t, []gls.AnyVar{tenant}, glsadapter.Leftover(outer, nil))

	inner := outer.Copy()
	inner.Run(func() {
		tenant.Set("other")
		require.Empty(t, glsadapter.Leftover(inner, outer))
		shard.Set(1)
	})
	require.Equal(t, []gls.AnyVar{shard}, glsadapter.Leftover(inner, outer))

	empty := gls.NewContext()
	require.Zero(t, testing.AllocsPerRun(100, func() { glsadapter.Leftover(empty, nil) }))
}

func TestLeakCounter(t *testing.T) {
	var counter glsadapter.LeakCounter
	leaky, leaks := counter.Read()
	require.Zero(t, leaky)
	require.Empty(t, leaks)

	var wg sync.WaitGroup
	for i := 0; i < 8; i++ {
		i := i
		wg.Add(1)
		go func() {
			defer wg.Done()
			counter.Add(nil)
			counter.Add([]gls.AnyVar{tenant})
			if i < 3 {
				counter.Add([]gls.AnyVar{shard, tenant})
			}
		}()
	}
	wg.Wait()
	leaky, leaks = counter.Read()
	require.EqualValues(t, 11, leaky)
	require.Equal(t, []glsadapter.Leak{{Var: tenant, Count: 11}, {Var: shard, Count: 3}}, leaks)
}

func TestLeaksOfOneCountAreSortedByName(t *testing.T) {
	var counter glsadapter.LeakCounter
	counter.Add([]gls.AnyVar{tenant, shard})
	_, leaks := counter.Read()
	require.Equal(t, []glsadapter.Leak{{Var: shard, Count: 1}, {Var: tenant, Count: 1}}, leaks)
}

func TestRequestIDs(t *testing.T) {
	for id, want := range map[string]struct{ visible, plain bool }{
		"":                   {false, true},
		"req-7":              {true, true},
		"A_1.~:/+=@":         {true, true},
		"a b":                {false, false},
		"a\n":                {false, false},
		"é":                  {false, false},
		"<a>":                {true, false},
		"0123456789":         {true, true},
		"0123456789-0123456": {false, true},
	} {
		require.Equal(t, want.visible, glsadapter.VisibleID(id, 16), "%q", id)
		require.Equal(t, want.plain, glsadapter.PlainID(id), "%q", id)
	}
}
