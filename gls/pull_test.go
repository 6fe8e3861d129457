//go:build go1.23

package gls_test

import (
	"errors"
	"iter"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/registry/registrytest"
	"github.com/seed18162548/contextvars/spawn"
)

// generator yields the value of v each time that it is resumed, and sets v to
// the negative value.
func generator(v *gls.Var[int]) iter.Seq[int] {
	return func(yield func(int) bool) {
		for {
			x := v.Get()
			v.Set(-x)
			if !yield(x) {
				v.Set(1000)
				return
			}
		}
	}
}

// TestPullSeesItsCallersBindings checks that each call of next and stop, from
// any goroutine and in any Context, lends that Context to the body.
func TestPullSeesItsCallersBindings(t *testing.T) {
	v := gls.New[int]("v")
	defer gls.Release()
	next, stop := gls.Pull(generator(v))
	v.Set(1)
	advance := func(want int) {
		x, ok := next()
		assert.True(t, ok)
		assert.Equal(t, want, x)
		assert.Equal(t, -want, v.Get(), "what the body sets is not in the caller's Context")
	}
	advance(1)
	v.Set(2)
	advance(2)
	c := gls.NewContext()
	c.Run(func() { advance(0); v.Set(3); advance(3) })
	require.Equal(t, -2, v.Get())
	x, _ := v.In(c)
	require.Equal(t, -3, x)
	elsewhere(func() { defer gls.Release(); v.Set(4); advance(4) })
	spawn.Start(func() (int, error) { advance(-2); return 0, nil }).Wait()
	elsewhere(func() { gls.Isolate(func() { v.Set(5); stop(); assert.Equal(t, 1000, v.Get()) }) })
	require.Equal(t, -2, v.Get())
	_, ok := next()
	require.False(t, ok)
	stop()
}

func TestPull2(t *testing.T) {
	v := gls.New[int]("v")
	defer v.Set(7).Reset()
	next, stop := gls.Pull2(func(yield func(string, int) bool) {
		_ = yield("a", v.Get()) && yield("b", v.Get())
	})
	defer stop()
	k, x, ok := next()
	require.Equal(t, []any{"a", 7, true}, []any{k, x, ok})
	v.With(8, func() { k, x, ok = next() })
	require.Equal(t, []any{"b", 8, true}, []any{k, x, ok})
	k, x, ok = next()
	require.Equal(t, []any{"", 0, false}, []any{k, x, ok})
}

// TestPullLendsIdentity resets tokens of a base Context that were made on the
// other side of a loan.
func TestPullLendsIdentity(t *testing.T) {
	v := gls.New[int]("v")
	mine := v.Set(1)
	tokens := make(chan gls.Token[int], 1)
	next, stop := gls.Pull(func(yield func(int) bool) {
		assert.NoError(t, v.TryReset(mine), "the caller's token in the body")
		_, ok := v.Lookup()
		assert.False(t, ok)
		tokens <- v.Set(2)
		yield(0)
	})
	defer stop()
	next()
	require.Equal(t, 2, v.Get())
	theirs := <-tokens
	require.NoError(t, v.TryReset(theirs), "the body's token in the caller")
	require.Zero(t, gls.CopyContext().Len())

	elsewhere(func() {
		next, stop := gls.Pull(func(yield func(int) bool) { tokens <- v.Set(3); yield(0) })
		next()
		stop()
	})
	require.ErrorIs(t, v.TryReset(<-tokens), gls.ErrTokenContext)
}

// TestPullScopes checks what the body may do with Contexts between two yields.
func TestPullScopes(t *testing.T) {
	v := gls.New[int]("v")
	defer v.Set(1).Reset()
	c, mine := gls.NewContext(), gls.NewContext()
	next, stop := gls.Pull(func(yield func(int) bool) {
		defer v.Set(2).Reset() // over yields
		c.Run(func() { v.Set(3) })
		exit := c.Enter()
		v.Set(4)
		exit()
		assert.Equal(t, 2, v.Get())
		assert.ErrorIs(t, mine.TryRun(func() {}), gls.ErrEntered, "the caller's Context")
		yield(0)
		assert.ErrorIs(t, mine.TryRun(func() {}), gls.ErrEntered)
	})
	mine.Run(func() {
		v.Set(9)
		next()
		require.Equal(t, 2, v.Get())
		stop()
		require.Equal(t, 9, v.Get())
	})
	require.Equal(t, 4, gls.Call(c, v.Get))
}

// TestPullBodyCannotExit checks that the body cannot exit a Context that its
// caller has entered.
func TestPullBodyCannotExit(t *testing.T) {
	v := gls.New[int]("v")
	c := gls.NewContext()
	exit := c.Enter()
	v.Set(1)
	next, stop := gls.Pull(func(yield func(int) bool) {
		assert.ErrorIs(t, panicOf(exit).(error), gls.ErrExit)
		yield(v.Get())
		assert.ErrorIs(t, panicOf(exit).(error), gls.ErrExit)
	})
	x, _ := next()
	stop()
	require.Equal(t, 1, x)
	require.Equal(t, 1, v.Get())
	exit()
	require.Zero(t, v.Get())
}

// TestPullYieldsElsewhere checks that yielding in another Context than the body
// was resumed in panics, in the caller of next.
func TestPullYieldsElsewhere(t *testing.T) {
	v := gls.New[int]("v")
	defer v.Set(1).Reset()
	c := gls.NewContext()
	for name, body := range map[string]iter.Seq[int]{
		"Run":    func(yield func(int) bool) { c.Run(func() { yield(1) }) },
		"Enter":  func(yield func(int) bool) { gls.NewContext().Enter(); yield(1) },
		"return": func(yield func(int) bool) { gls.NewContext().Enter() },
		"later":  func(yield func(int) bool) { yield(0); gls.Wrap(func() { yield(1) })() },
	} {
		before := registrytest.Now()
		next, stop := gls.Pull(body)
		if name == "later" {
			next()
		}
		requireMisuse(t, gls.ErrExit, func() { next() })
		require.Equal(t, 1, v.Get(), name)
		_, ok := next()
		require.False(t, ok, name)
		stop()
		require.NoError(t, c.TryRun(func() {}), name)
		require.Empty(t, before.New(), name)
	}
}

// TestPullEnds ends bodies in other ways than by return.
func TestPullEnds(t *testing.T) {
	v := gls.New[int]("v")
	boom := errors.New("boom")
	before := registrytest.Now()
	elsewhere(func() {
		defer gls.Release()
		v.Set(1)
		next, stop := gls.Pull(func(yield func(int) bool) { defer v.Set(2).Reset(); panic(boom) })
		assert.Same(t, boom, panicOf(func() { next() }))
		assert.Equal(t, 1, v.Get())
		stop()
		next, stop = gls.Pull(func(yield func(int) bool) { defer v.Set(2).Reset(); yield(1); panic(boom) })
		next()
		assert.Equal(t, 2, v.Get())
		assert.Same(t, boom, panicOf(stop))
		assert.Equal(t, 1, v.Get())
		next, _ = gls.Pull(func(yield func(int) bool) { defer v.Set(2).Reset(); runtime.Goexit() })
		defer func() { assert.Equal(t, 1, v.Get()) }()
		next()
		t.Error("Goexit does not reach the caller")
	})
	_, stop := gls.Pull(generator(v))
	stop() // never begun
	next, _ := gls.Pull(generator(v))
	gls.Isolate(func() { next() }) // never ended
	require.Empty(t, before.New())
	requireMisuse(t, gls.ErrNilFunc, func() { gls.Pull[int](nil) })
	requireMisuse(t, gls.ErrNilFunc, func() { gls.Pull2[int, int](nil) })
}

// TestPullNests nests bodies: the innermost sees the bindings of the outermost
// caller.
func TestPullNests(t *testing.T) {
	v := gls.New[int]("v")
	nest := func(inner iter.Seq[int]) iter.Seq[int] {
		return func(yield func(int) bool) {
			next, stop := gls.Pull(inner)
			defer stop()
			for x, ok := next(); ok && yield(x); x, ok = next() {
			}
		}
	}
	before := registrytest.Now()
	defer gls.Release()
	next, stop := gls.Pull(nest(nest(nest(generator(v)))))
	for i := 1; i < 5; i++ {
		v.Set(i)
		x, ok := next()
		require.True(t, ok)
		require.Equal(t, i, x)
		require.Equal(t, -i, v.Get())
		runtime.GC()
	}
	stop()
	require.Equal(t, 1000, v.Get())
	gls.Release()
	require.Empty(t, before.New(), "the bodies hold something")
}

// TestPullRelease checks that the body's Release empties the lent base.
func TestPullRelease(t *testing.T) {
	v := gls.New[int]("v")
	v.Set(1)
	next, stop := gls.Pull(func(yield func(int) bool) { gls.Release(); yield(0); gls.Release() })
	next()
	_, ok := v.Lookup()
	require.False(t, ok)
	v.Set(2)
	gls.NewContext().Run(func() { v.Set(3); stop(); require.Equal(t, 3, v.Get()) })
	_, ok = v.Lookup()
	require.False(t, ok)
}
