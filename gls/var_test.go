package gls_test

import (
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/registry/registrytest"
)

// TestReading has a row for every way in which a variable can be bound or not,
// with the results of all reading methods.
func TestReading(t *testing.T) {
	one, zero := 1, 0
	for _, row := range []struct {
		name   string
		v      *gls.Var[int]
		set    *int
		get    int
		getOr9 int
		bound  bool
		unset  bool // MustGet panics
	}{
		{name: "plain", v: gls.New[int]("v"), getOr9: 9, unset: true},
		{name: "default", v: gls.New("v", gls.Default(5)), get: 5, getOr9: 9},
		{name: "default is zero", v: gls.New("v", gls.Default(0)), getOr9: 9},
		{name: "computed", v: gls.New("v", gls.DefaultFunc(func() int { return 6 })), get: 6, getOr9: 9},
		{name: "the last default counts", v: gls.New("v", gls.DefaultFunc(func() int { return 6 }), gls.Default(7)), get: 7, getOr9: 9},
		{name: "the last default counts, computed", v: gls.New("v", gls.Default(7), gls.DefaultFunc(func() int { return 6 })), get: 6, getOr9: 9},
		{name: "policies are no default", v: gls.New("v", gls.NoInherit[int](), gls.OnFork(func(x int) int { return x })), getOr9: 9, unset: true},
		{name: "set", v: gls.New[int]("v"), set: &one, get: 1, getOr9: 1, bound: true},
		{name: "set to zero", v: gls.New[int]("v"), set: &zero, bound: true},
		{name: "set beats default", v: gls.New("v", gls.Default(5)), set: &one, get: 1, getOr9: 1, bound: true},
		{name: "zero beats default", v: gls.New("v", gls.Default(5)), set: &zero, bound: true},
	} {
		t.Run(row.name, func(t *testing.T) {
			before := registrytest.Now()
			if row.set != nil {
				defer row.v.Set(*row.set).Reset()
			}
			require.Equal(t, row.get, row.v.Get())
			require.Equal(t, row.getOr9, row.v.GetOr(9))
			x, ok := row.v.Lookup()
			require.Equal(t, row.bound, ok)
			if row.bound {
				require.Equal(t, row.get, x)
			} else {
				require.Zero(t, x, "Lookup shows a default")
			}
			c := gls.CopyContext()
			in, ok := row.v.In(c)
			require.Equal(t, row.bound, ok)
			require.Equal(t, x, in)
			require.Equal(t, row.bound, c.Has(row.v))
			if row.unset {
				var missing *gls.LookupError
				err := panicOf(func() { row.v.MustGet() }).(error)
				require.ErrorAs(t, err, &missing)
				require.Same(t, row.v, missing.Var)
				requireKind(t, gls.ErrUnset, err, `"v"`)
			} else {
				require.Equal(t, row.get, row.v.MustGet())
			}
			if row.set == nil {
				require.Empty(t, before.New(), "reading creates state")
			}
		})
	}
}

func TestSettingNilBinds(t *testing.T) {
	v := gls.New("v", gls.Default[error](errors.New("default")))
	defer v.Set(nil).Reset()
	x, ok := v.Lookup()
	require.True(t, ok)
	require.NoError(t, x)
	require.NoError(t, v.Get())
	require.NoError(t, v.GetOr(errors.New("d")))
	require.NoError(t, v.MustGet())
}

func TestIdentityIsThePointer(t *testing.T) {
	a, b := gls.New[int]("same"), gls.New[int]("same")
	defer a.Set(1).Reset()
	_, ok := b.Lookup()
	require.False(t, ok)
	require.Equal(t, a.Name(), b.Name())
}

func TestDefaultFuncIsCalledOnEveryMiss(t *testing.T) {
	calls := 0
	v := gls.New("v", gls.DefaultFunc(func() int { calls++; return calls }))
	require.Equal(t, 1, v.Get())
	require.Equal(t, 2, v.MustGet())
	require.Equal(t, 9, v.GetOr(9))
	_, ok := v.Lookup()
	require.False(t, ok, "the default is not bound")
	v.With(7, func() { v.Get(); v.MustGet() })
	require.Equal(t, 2, calls, "called though not needed")
}

// TestDefaultFuncMayUseVariables deadlocks if it runs under a lock.
func TestDefaultFuncMayUseVariables(t *testing.T) {
	depth := gls.New("depth", gls.Default(0))
	var v *gls.Var[int]
	v = gls.New("v", gls.DefaultFunc(func() int {
		if depth.Get() == 20 {
			gls.NewContext().Run(func() { depth.Set(1) })
			elsewhere(func() { depth.Set(2) })
			gls.ReadStats()
			return gls.New[int]("another").Get()
		}
		defer depth.Set(depth.Get() + 1).Reset()
		return v.Get() + 1
	}))
	require.Equal(t, 20, v.Get())
	boom := errors.New("boom")
	w := gls.New("w", gls.DefaultFunc(func() int { panic(boom) }))
	require.Same(t, boom, panicOf(func() { w.Get() }))
	require.Same(t, boom, panicOf(func() { w.MustGet() }))
}

// TestDefaultFuncMayMoveTheStack checks that a computed default of any size
// reaches the caller's frame, even if computing it moves that and collects
// garbage.
func TestDefaultFuncMayMoveTheStack(t *testing.T) {
	type page struct {
		text string
		rest [100]int
		next *page
	}
	var compute func(depth int) page
	compute = func(depth int) page {
		if depth == 0 {
			runtime.GC()
			return page{text: fmt.Sprint("computed ", 1), next: &page{text: fmt.Sprint("computed ", 2)}}
		}
		p := compute(depth - 1)
		p.rest[depth%100]++
		return p
	}
	v := gls.New("v", gls.DefaultFunc(func() page { return compute(1000) }))
	for i := 0; i < 20; i++ {
		elsewhere(func() { // on a small stack
			p := v.Get()
			runtime.GC()
			assert.Equal(t, "computed 1", p.text)
			assert.Equal(t, "computed 2", p.next.text)
			assert.Equal(t, 10, p.rest[7])
		})
	}
}

func TestGoexitInDefaultFunc(t *testing.T) {
	v := gls.New("v", gls.DefaultFunc(func() int { runtime.Goexit(); return 1 }))
	elsewhere(func() {
		v.Get()
		t.Error("Goexit does not reach the caller")
	})
}

// TestDefaultFuncWhileStacksShrink lets collections move the stack at any call
// on the way to the DefaultFunc, whose result must reach the same frame.
func TestDefaultFuncWhileStacksShrink(t *testing.T) {
	want := [4]int{1, 2, 3, 4}
	v := gls.New("v", gls.DefaultFunc(func() [4]int { return want }))
	var grow func(depth int) int
	grow = func(depth int) int {
		var pad [64]int
		if depth > 0 {
			pad[depth%64] = grow(depth - 1)
		}
		return pad[1] + 1
	}
	var (
		stop    atomic.Bool
		workers sync.WaitGroup
	)
	for i := 0; i < 4; i++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for !stop.Load() {
				grow(100)
				for j := 0; j < 300; j++ {
					if x := v.Get(); x != want {
						stop.Store(true)
						t.Errorf("Get gives %v", x)
					}
				}
			}
		}()
	}
	for end := time.Now().Add(2 * time.Second); time.Now().Before(end) && !stop.Load(); {
		runtime.GC()
	}
	stop.Store(true)
	workers.Wait()
}

// TestZeroVar checks that a Var that New did not make has no bindings.
func TestZeroVar(t *testing.T) {
	first := gls.New("first", gls.Default([2]uintptr{1, 2}))
	defer first.Set([2]uintptr{3, 4}).Reset()
	var zero gls.Var[string]
	require.Empty(t, zero.Get())
	require.Equal(t, "d", zero.GetOr("d"))
	_, ok := zero.Lookup()
	require.False(t, ok)
	_, ok = zero.In(gls.CopyContext())
	require.False(t, ok)
	require.ErrorIs(t, panicOf(func() { zero.MustGet() }).(error), gls.ErrUnset)
	for name, f := range map[string]func(){"Set": func() { zero.Set("x") }, "Unset": func() { zero.Unset() }} {
		text := "gls: variable was not made by New: " + name + " called by " + goroutine() + "; declare it with gls.New"
		require.EqualError(t, panicOf(f).(error), text)
	}
	require.ErrorContains(t, panicOf(func() { gls.With(func() {}, zero.Bind("x")) }).(error), "New")
	require.Error(t, zero.TryReset(gls.Token[string]{}))
}

// TestStringsShowNoSecrets prints everything that has access to a value.
func TestStringsShowNoSecrets(t *testing.T) {
	const secret = "hunter2"
	v := gls.New("pass\nword", gls.Default(secret))
	token := v.Set(secret)
	inner := v.Set(secret)
	for _, x := range []any{v, token, inner, gls.AnyVar(v), gls.Token[string]{}} {
		for _, format := range []string{"%v", "%+v", "%#v", "%s"} {
			text := fmt.Sprintf(format, x)
			require.NotContains(t, text, secret, format)
			require.NotContains(t, text, "\n", format)
		}
	}
	require.Equal(t, "pass\nword", v.Name())
	require.Contains(t, v.String(), `"pass\nword"`)
	require.Contains(t, token.String(), `"pass\nword"`)
	require.NotEqual(t, inner.String(), func() string { inner.Reset(); return inner.String() }(), "String shows that a token is used")
	token.Reset()
}

// TestPlainGo checks that a goroutine that a go statement started and its
// parent see no bindings of each other.
func TestPlainGo(t *testing.T) {
	v := gls.New[int]("v")
	defer v.Set(1).Reset()
	elsewhere(func() {
		_, ok := v.Lookup()
		assert.False(t, ok)
		assert.Zero(t, gls.CopyContext().Len())
		v.Set(2)
	})
	require.Equal(t, 1, v.Get())
}

// TestValues binds values of many shapes, larger and smaller than a word.
func TestValues(t *testing.T) {
	type big struct{ a [64]int }
	p := new(int)
	roundTrip(t, struct{}{})
	roundTrip(t, true)
	roundTrip(t, byte(7))
	roundTrip(t, 3.25)
	roundTrip(t, "text")
	roundTrip(t, p)
	roundTrip(t, []int{1, 2})
	roundTrip(t, map[string]int{"a": 1})
	roundTrip(t, big{[64]int{63: 9}})
	roundTrip[any](t, 5)
	roundTrip[error](t, gls.ErrUnset)
	roundTrip(t, [0]func(){})
}

func roundTrip[T any](t *testing.T, x T) {
	v := gls.New[T](fmt.Sprintf("%T", x))
	filler := gls.New[int]("filler")
	token := v.Set(x)
	for i := 0; i < 30; i++ { // through every form of storage
		require.Equal(t, x, v.Get())
		defer filler.Set(i).Reset()
		defer gls.New[int]("other").Set(i).Reset()
	}
	v.Reset(token)
	_, ok := v.Lookup()
	require.False(t, ok)
}
