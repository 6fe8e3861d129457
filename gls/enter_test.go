package gls_test

import (
	"errors"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/registry/registrytest"
)

func TestEnter(t *testing.T) {
	v := gls.New[int]("v")
	defer v.Set(1).Reset()
	c := gls.NewContext()
	exit := c.Enter()
	_, ok := v.Lookup()
	require.False(t, ok)
	v.Set(2)
	requireMisuse(t, gls.ErrEntered, func() { c.Enter() })
	require.ErrorIs(t, c.TryRun(func() {}), gls.ErrEntered)
	exit()
	require.Equal(t, 1, v.Get())
	c.Enter()() // again, now that it was left
	require.Equal(t, 2, gls.Call(c, v.Get))
}

// TestExitMisuse tries every wrong way to leave a Context. None of them changes
// anything: the right way still works afterwards.
func TestExitMisuse(t *testing.T) {
	v := gls.New[string]("v")
	c, d := gls.NewContext(), gls.NewContext()
	v.Set("base")
	exitC := c.Enter()
	v.Set("c")
	exitD := d.Enter()
	v.Set("d")
	refused := func(why string, exit func()) {
		t.Helper()
		was := v.Get()
		requireMisuse(t, gls.ErrExit, exit)
		require.Equal(t, was, v.Get(), why)
	}
	refused("out of order", exitC)
	gls.NewContext().Run(func() {
		assert.ErrorIs(t, panicOf(exitD).(error), gls.ErrExit, "inside a Run")
	})
	elsewhere(func() {
		assert.ErrorIs(t, panicOf(exitD).(error), gls.ErrExit, "without an entry")
		v.Set("theirs")
		assert.ErrorIs(t, panicOf(exitD).(error), gls.ErrExit, "with an entry")
		gls.NewContext().Run(func() {
			assert.ErrorIs(t, panicOf(exitD).(error), gls.ErrExit, "in a Context")
			v.Set("inside")
		})
		assert.Equal(t, "theirs", v.Get())
	})
	require.Equal(t, "d", v.Get())
	exitD()
	require.Equal(t, "c", v.Get())
	refused("twice", exitD)
	exitC()
	refused("twice", exitC)
	refused("twice", exitD)
	require.Equal(t, "base", v.Get())

	again := c.Enter()
	refused("the exit of an earlier Enter", exitC)
	c2 := c.Copy()
	c2.Run(func() { assert.ErrorIs(t, panicOf(again).(error), gls.ErrExit, "in a copy") })
	again()
	require.Equal(t, "base", v.Get())
}

// TestExitOfARun checks that an exit cannot leave a Context that Run has
// entered since.
func TestExitOfARun(t *testing.T) {
	c := gls.NewContext()
	exit := c.Enter()
	exit()
	c.Run(func() {
		requireMisuse(t, gls.ErrExit, exit)
		require.ErrorIs(t, c.TryRun(func() {}), gls.ErrEntered)
	})
}

// TestRunReturnsOverEnter checks that a Context that was entered inside a Run
// and not left stays entered, and that Run nevertheless restores the previous
// Context.
func TestRunReturnsOverEnter(t *testing.T) {
	v := gls.New[string]("v")
	v.Set("base")
	c, d := gls.NewContext(), gls.NewContext()
	var exit func()
	c.Run(func() {
		exit = d.Enter()
		v.Set("d")
	})
	require.Equal(t, "base", v.Get())
	require.ErrorIs(t, d.TryRun(func() {}), gls.ErrEntered)
	requireMisuse(t, gls.ErrExit, exit)
	c.Run(func() { requireMisuse(t, gls.ErrExit, exit) })
	require.Equal(t, "base", v.Get())
	gls.Release()
	requireMisuse(t, gls.ErrExit, exit)
	require.Zero(t, v.Get())
	x, _ := v.In(d)
	require.Equal(t, "d", x)
}

// TestContextOfADeadGoroutineStaysEntered checks this after sweeps.
func TestContextOfADeadGoroutineStaysEntered(t *testing.T) {
	v := gls.New[int]("v")
	c := gls.NewContext()
	var exit func()
	elsewhere(func() { exit = c.Enter(); v.Set(1) })
	for i := 0; i < 3; i++ {
		runtime.GC()
		requireMisuse(t, gls.ErrEntered, func() { c.Run(func() {}) })
		requireMisuse(t, gls.ErrExit, exit)
	}
	x, ok := v.In(c)
	require.True(t, ok)
	require.Equal(t, 1, x)
	require.NoError(t, c.Copy().TryRun(func() {}))
}

// leavings has the ways in which a function can end.
var leavings = map[string]func(){
	"return": func() {},
	"panic":  func() { panic(errLeaving) },
	"Goexit": runtime.Goexit,
	"recovered panic during Goexit": func() {
		defer func() {
			defer func() { _ = recover() }()
			panic("recovered")
		}()
		runtime.Goexit()
	},
	"Goexit during panic": func() {
		defer runtime.Goexit()
		panic(errLeaving)
	},
}

var errLeaving = errors.New("leaving")

// TestRestoreHoweverFunctionsEnd ends functions inside every scoped form in
// every way, and checks that the previous Context is current again.
func TestRestoreHoweverFunctionsEnd(t *testing.T) {
	v := gls.New[string]("v")
	c := gls.NewContext()
	for form, run := range map[string]func(f func()){
		"Run":      c.Run,
		"TryRun":   func(f func()) { _ = c.TryRun(f) },
		"Call":     func(f func()) { gls.Call(c, func() int { f(); return 1 }) },
		"nested":   func(f func()) { c.Run(func() { gls.CopyContext().Run(f) }) },
		"Isolate":  gls.Isolate,
		"Wrap":     func(f func()) { gls.Wrap(f)() },
		"RunFrom":  func(f func()) { gls.RunFrom(gls.Into(background), f) },
		"Var.With": func(f func()) { v.With("with", f) },
		"With":     func(f func()) { gls.With(f, v.Bind("a"), v.Bind("b")) },
		"defer":    func(f func()) { defer v.Set("idiom").Reset(); f() },
		"Enter":    func(f func()) { defer c.Enter()(); f() },
	} {
		for way, leave := range leavings {
			t.Run(form+"/"+way, func(t *testing.T) {
				before := registrytest.Now()
				elsewhere(func() {
					v.Set("base")
					defer gls.Release()
					defer func() { assert.Equal(t, "base", v.Get()) }()
					p := panicOf(func() {
						defer func() { assert.Equal(t, "base", v.Get()) }()
						run(func() {
							defer v.Set("inside").Reset()
							leave()
						})
					})
					if way == "panic" {
						assert.Same(t, errLeaving, p, "wrapped")
					} else {
						assert.Nil(t, p)
					}
					assert.Equal(t, "base", v.Get())
				})
				require.NoError(t, c.TryRun(func() {}), "still entered")
				require.Empty(t, before.New(), "an entry is left")
			})
		}
	}
}
