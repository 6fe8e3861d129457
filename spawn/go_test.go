package spawn_test

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/registry/registrytest"
	"github.com/seed18162548/contextvars/spawn"
)

var background = context.Background()

// panicOf returns the value that f panics with, or nil if it returns.
func panicOf(f func()) (p any) {
	defer func() { p = recover() }()
	f()
	return nil
}

// requireMisuse fails unless f panics with an error of the given kind.
func requireMisuse(t *testing.T, kind error, f func()) {
	t.Helper()
	err, ok := panicOf(f).(error)
	require.True(t, ok, "no panic with an error")
	require.ErrorIs(t, err, kind)
	require.NotContains(t, err.Error(), "\n")
}

// wait calls start with f and returns when f has ended.
func wait(start func(f func()), f func()) {
	done := make(chan struct{})
	start(func() { defer close(done); f() })
	<-done
}

// A starter is one way to start a goroutine with the caller's bindings. It
// returns once the goroutine has ended, as far as the starter can tell.
type starter struct {
	name    string
	start   func(f func())
	settled bool // the goroutine holds nothing any more when start returns
}

// inheriting has all functions of the package to which policies apply.
var inheriting = []starter{
	{"Go", func(f func()) { wait(spawn.Go, f) }, false},
	{"Start", func(f func()) { _, _ = spawn.Start(task(f)).Wait() }, true},
	{"Gather", func(f func()) { _, _ = spawn.Gather(task(f)) }, true},
	{"Group.Go", func(f func()) { var g spawn.Group; g.Go(failing(f)); _ = g.Wait() }, true},
	{"Group.TryGo", func(f func()) { var g spawn.Group; g.TryGo(failing(f)); _ = g.Wait() }, true},
	{"WithContext", func(f func()) { g, _ := spawn.WithContext(background); g.Go(failing(f)); _ = g.Wait() }, true},
	{"WaitGroup", func(f func()) { var g spawn.WaitGroup; g.Go(f); g.Wait() }, true},
	{"AfterFunc", func(f func()) { wait(func(f func()) { spawn.AfterFunc(0, f) }, f) }, false},
	{"ContextAfterFunc", func(f func()) {
		ctx, cancel := context.WithCancel(background)
		wait(func(f func()) { spawn.ContextAfterFunc(ctx, f); gls.NewContext().Run(cancel) }, f)
	}, false},
}

// entering has the functions that run f in the Context that they are given.
var entering = []struct {
	name  string
	start func(c *gls.Context, f func())
}{
	{"GoIn", func(c *gls.Context, f func()) { wait(func(f func()) { spawn.GoIn(c, f) }, f) }},
	{"StartIn", func(c *gls.Context, f func()) { _, _ = spawn.StartIn(c, task(f)).Wait() }},
	{"Group.GoIn", func(c *gls.Context, f func()) { var g spawn.Group; g.GoIn(c, failing(f)); _ = g.Wait() }},
}

func task(f func()) func() (int, error) { return func() (int, error) { f(); return 0, nil } }

func failing(f func()) func() error { return func() error { f(); return nil } }

func TestInheritance(t *testing.T) {
	v, w := gls.New[string]("v"), gls.New[string]("w")
	for _, s := range inheriting {
		t.Run(s.name, func(t *testing.T) {
			defer v.Set("parent").Reset()
			token := v.Set("parent's second")
			s.start(func() {
				assert.Equal(t, "parent's second", v.Get())
				assert.Equal(t, 1, gls.CopyContext().Len())
				assert.ErrorIs(t, v.TryReset(token), gls.ErrTokenContext, "the parent's token")
				v.Set("child")
				w.Set("child")
			})
			require.Equal(t, "parent's second", v.Get())
			_, ok := w.Lookup()
			require.False(t, ok)
			require.NoError(t, v.TryReset(token), "no good in the parent any more")
		})
	}
}

// TestCaptureIsSynchronous checks that what the parent sets after the start is
// invisible.
func TestCaptureIsSynchronous(t *testing.T) {
	v := gls.New[int]("v")
	defer v.Set(1).Reset()
	start, done := make(chan struct{}), make(chan int)
	f := func() { <-start; done <- v.Get() }
	ctx, cancel := context.WithCancel(background)
	g, _ := spawn.WithContext(background)
	g.SetLimit(1)
	tasks := []func(){
		func() { spawn.Go(f) },
		func() { spawn.Start(task(f)) },
		func() { g.Go(failing(f)) },
		func() { spawn.AfterFunc(0, f) },
		func() { spawn.ContextAfterFunc(ctx, f) },
		func() { new(spawn.WaitGroup).Go(f) },
	}
	for _, t := range tasks {
		t()
	}
	v.Set(2)
	cancel()
	close(start)
	for range tasks {
		require.Equal(t, 1, <-done)
	}
	require.NoError(t, g.Wait())
}

// TestReleaseInSpawnedGoroutines drops what was inherited: it is bound in the
// base Context. A Task's bindings are in its Context, which is not a base.
func TestReleaseInSpawnedGoroutines(t *testing.T) {
	v := gls.New[int]("v")
	defer v.Set(1).Reset()
	wait(spawn.Go, func() {
		gls.Release()
		assert.Zero(t, gls.CopyContext().Len())
	})
	spawn.Start(task(func() {
		gls.Release()
		assert.Equal(t, 1, v.Get())
	})).Wait()
}

func TestDetached(t *testing.T) {
	v := gls.New[int]("v")
	defer v.Set(1).Reset()
	wait(spawn.Detached, func() {
		assert.Zero(t, gls.CopyContext().Len())
		v.Set(2)
	})
	require.Equal(t, 1, v.Get())
}

// TestDetachedFreesTheParentsValues checks that they can be collected while f
// runs, and that a goroutine started by Go keeps them.
func TestDetachedFreesTheParentsValues(t *testing.T) {
	v := gls.New[*[1 << 10]byte]("v")
	freed, release := make(chan struct{}), make(chan struct{})
	var done sync.WaitGroup
	done.Add(1)
	wait(spawn.Go, func() {
		x := new([1 << 10]byte)
		runtime.SetFinalizer(x, func(*[1 << 10]byte) { close(freed) })
		v.Set(x)
		spawn.Detached(func() { defer done.Done(); <-release })
	})
	for collected := false; !collected; {
		runtime.GC()
		select {
		case <-freed:
			collected = true
		default:
			runtime.Gosched()
		}
	}
	close(release)
	done.Wait()
}

func TestGivenContexts(t *testing.T) {
	v := gls.New[int]("v")
	defer v.Set(1).Reset()
	for _, e := range entering {
		t.Run(e.name, func(t *testing.T) {
			c := gls.NewContext()
			e.start(c, func() {
				_, ok := v.Lookup()
				assert.False(t, ok)
				assert.ErrorIs(t, c.TryRun(func() {}), gls.ErrEntered)
				v.Set(2)
			})
			x, _ := v.In(c)
			require.Equal(t, 2, x)
			exit := c.Copy().Enter()
			exit()

			defer eventuallyEnter(t, c)()
			started := false
			requireMisuse(t, gls.ErrEntered, func() { e.start(c, func() { started = true }) })
			require.False(t, started)
		})
	}
}

// eventuallyEnter enters c as soon as its goroutine has left it.
func eventuallyEnter(t *testing.T, c *gls.Context) (exit func()) {
	for {
		p := panicOf(func() { exit = c.Enter() })
		if p == nil {
			return exit
		}
		require.ErrorIs(t, p.(error), gls.ErrEntered)
		runtime.Gosched()
	}
}

// TestGivenContextIsEnteredAtOnce checks that this happens before the goroutine
// runs.
func TestGivenContextIsEnteredAtOnce(t *testing.T) {
	release := make(chan struct{})
	var given []*gls.Context
	for name, start := range map[string]func(c *gls.Context){
		"GoIn":       func(c *gls.Context) { spawn.GoIn(c, func() { <-release }) },
		"StartIn":    func(c *gls.Context) { spawn.StartIn(c, task(func() { <-release })) },
		"Group.GoIn": func(c *gls.Context) { new(spawn.Group).GoIn(c, failing(func() { <-release })) },
	} {
		c := gls.NewContext()
		start(c)
		require.ErrorIs(t, c.TryRun(func() {}), gls.ErrEntered, name)
		require.NoError(t, c.Copy().TryRun(func() {}), name)
		given = append(given, c)
	}
	close(release)
	for _, c := range given {
		eventuallyEnter(t, c)()
	}
}

func TestNilFunctions(t *testing.T) {
	c := gls.NewContext()
	var g spawn.Group
	var wg spawn.WaitGroup
	before := runtime.NumGoroutine()
	for _, f := range []func(){
		func() { spawn.Go(nil) },
		func() { spawn.GoIn(c, nil) },
		func() { spawn.Detached(nil) },
		func() { spawn.Start[int](nil) },
		func() { spawn.StartIn[int](c, nil) },
		func() { _, _ = spawn.Gather(task(func() { t.Error("started") }), nil) },
		func() { g.Go(nil) },
		func() { g.GoIn(c, nil) },
		func() { g.TryGo(nil) },
		func() { wg.Go(nil) },
		func() { spawn.AfterFunc(0, nil) },
		func() { spawn.ContextAfterFunc(background, nil) },
	} {
		requireMisuse(t, gls.ErrNilFunc, f)
	}
	require.LessOrEqual(t, runtime.NumGoroutine(), before)
	require.NoError(t, c.TryRun(func() {}), "entered for a nil function")
	wg.Wait()
	require.NoError(t, g.Wait())
}

// TestEntriesGo checks that a goroutine holds nothing after f ends, however it
// ends.
func TestEntriesGo(t *testing.T) {
	v := gls.New[int]("v")
	defer v.Set(1).Reset()
	ends := map[string]func(){
		"return":      func() {},
		"Goexit":      runtime.Goexit,
		"recovery":    func() { defer func() { _ = recover() }(); panic(errors.New("boom")) },
		"left inside": func() { gls.NewContext().Enter(); v.Set(3) },
	}
	for _, s := range inheriting {
		for way, end := range ends {
			t.Run(s.name+"/"+way, func(t *testing.T) {
				before := registrytest.Now()
				for i := 0; i < 20; i++ {
					s.start(func() { v.Set(2); end() })
					if s.settled {
						require.Empty(t, before.New())
					}
				}
				for len(before.New()) > 0 {
					runtime.Gosched()
				}
			})
		}
	}
}
