package gls_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/registry/registrytest"
)

var background = context.Background()

// carriers has all ways to capture the current bindings for a later call.
var carriers = map[string]func(f func()) func(){
	"Wrap": gls.Wrap,
	"WrapErr": func(f func()) func() {
		g := gls.WrapErr(func() error { f(); return nil })
		return func() { _ = g() }
	},
	"Wrap1": func(f func()) func() {
		g := gls.Wrap1(func(int) { f() })
		return func() { g(1) }
	},
	"Into and RunFrom": func(f func()) func() {
		ctx, cancel := context.WithCancel(gls.Into(background)) // any derived context will do
		return func() { defer cancel(); gls.RunFrom(ctx, f) }
	},
}

func TestCarriers(t *testing.T) {
	for name, carry := range carriers {
		t.Run(name, func(t *testing.T) {
			testCarrier(t, carry)
		})
	}
}

func testCarrier(t *testing.T, carry func(func()) func()) {
	var (
		v       = gls.New[string]("v")
		private = gls.New("private", gls.NoInherit[string]())
		forked  = gls.New("forked", gls.OnFork(func(string) string { panic("a capture is no start") }))
		unset   = gls.New[string]("unset")
	)
	defer v.Set("captured").Reset()
	defer private.Set("kept").Reset()
	defer forked.Set("as it is").Reset()
	calls := 0
	f := carry(func() {
		calls++
		// Not require: some callers are other goroutines.
		assert.Equal(t, "captured", v.Get(), "a call sees an earlier one's Set")
		assert.Equal(t, "kept", private.Get())
		assert.Equal(t, "as it is", forked.Get())
		_, ok := unset.Lookup()
		assert.False(t, ok, "merged, not replaced")
		v.Set("changed inside")
		unset.Set("changed inside")
	})

	defer v.Set("later").Reset()
	defer unset.Set("later").Reset()
	f()
	f()
	elsewhere(f)
	gls.NewContext().Run(f)
	require.Equal(t, 4, calls)
	require.Equal(t, "later", v.Get())
	require.Equal(t, "later", unset.Get())

	t.Run("recursion", func(t *testing.T) {
		defer v.Set("outer").Reset()
		depth := 0
		var again func()
		again = carry(func() {
			assert.Equal(t, "outer", v.Get())
			v.Set("set by the outer call")
			if depth++; depth < 5 {
				again()
			}
		})
		again()
		require.Equal(t, 5, depth)
	})
	t.Run("overlap", func(t *testing.T) {
		const n = 8
		var inside, done sync.WaitGroup
		inside.Add(n)
		done.Add(n)
		defer v.Set("shared").Reset()
		f := carry(func() {
			inside.Done()
			inside.Wait() // until all are in
			assert.Equal(t, "shared", v.Get())
			v.Set("mine")
		})
		for i := 0; i < n; i++ {
			go func() { defer done.Done(); f() }()
		}
		done.Wait()
	})
	t.Run("panic", func(t *testing.T) {
		boom := errors.New("boom")
		f := carry(func() { v.Set("x"); panic(boom) })
		before := v.GetOr("none")
		require.Same(t, boom, panicOf(f))
		require.Equal(t, before, v.GetOr("none"))
	})
}

func TestWrapPassesValuesOn(t *testing.T) {
	boom := errors.New("boom")
	require.Same(t, boom, gls.WrapErr(func() error { return boom })())
	got := ""
	gls.Wrap1(func(s string) { got = s })("argument")
	require.Equal(t, "argument", got)
}

func TestRunFromWithoutSnapshotIsEmpty(t *testing.T) {
	v := gls.New[int]("v")
	defer v.Set(1).Reset()
	ran := false
	gls.RunFrom(background, func() {
		ran = true
		_, ok := v.Lookup()
		require.False(t, ok)
		v.Set(2)
	})
	require.True(t, ran)
	require.Equal(t, 1, v.Get())
	require.Equal(t, 1, gls.Call(gls.NewContext(), func() (x int) {
		gls.RunFrom(gls.Into(contextWith(v, 1)), func() { x = v.Get() })
		return x
	}), "the newest snapshot counts")
}

// contextWith returns a context.Context that carries an outdated snapshot; the
// current Context has v bound to x.
func contextWith(v *gls.Var[int], x int) context.Context {
	v.Set(99)
	ctx := gls.Into(background)
	v.Set(x)
	return ctx
}

func TestIsolate(t *testing.T) {
	v := gls.New[int]("v")
	defer v.Set(1).Reset()
	for i := 0; i < 2; i++ {
		gls.Isolate(func() {
			_, ok := v.Lookup()
			require.False(t, ok)
			require.Zero(t, gls.CopyContext().Len())
			v.Set(2)
			gls.Isolate(func() { require.Zero(t, v.Get()) })
			require.Equal(t, 2, v.Get())
		})
		require.Equal(t, 1, v.Get())
	}
	before := registrytest.Now()
	elsewhere(func() { gls.Isolate(func() { v.Set(3) }) })
	require.Empty(t, before.New(), "Isolate leaves an entry behind")
}
