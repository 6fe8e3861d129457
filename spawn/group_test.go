package spawn_test

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/hook"
	"github.com/seed18162548/contextvars/internal/registry/registrytest"
	"github.com/seed18162548/contextvars/spawn"
)

func TestGroupReturnsTheFirstError(t *testing.T) {
	g, ctx := spawn.WithContext(background)
	g.Go(func() error { return errBoom })
	g.Go(func() error { <-ctx.Done(); return ctx.Err() })
	require.Same(t, errBoom, g.Wait())
	require.ErrorIs(t, ctx.Err(), context.Canceled)

	g, ctx = spawn.WithContext(background)
	g.Go(func() error { return nil })
	require.NoError(t, ctx.Err())
	require.NoError(t, g.Wait())
	require.Error(t, ctx.Err(), "Wait does not cancel")
}

// TestGroupCapturesAtEachGo checks that bindings are captured then, and not
// when the group is made or has room.
func TestGroupCapturesAtEachGo(t *testing.T) {
	v := gls.New[int]("v")
	defer gls.Release()
	var g spawn.Group
	g.SetLimit(1)
	const n = 50
	seen := make(chan int, n)
	for i := 0; i < n; i++ {
		v.Set(i)
		g.Go(func() error { seen <- v.Get(); v.Set(-1); return nil })
		v.Set(-2)
	}
	require.NoError(t, g.Wait())
	for i := 0; i < n; i++ {
		require.Equal(t, i, <-seen)
	}
}

func TestGroupLimits(t *testing.T) {
	var g spawn.Group
	const limit = 3
	g.SetLimit(limit)
	release := make(chan struct{})
	for i := 0; i < limit; i++ {
		require.True(t, g.TryGo(func() error { <-release; return nil }))
	}
	require.False(t, g.TryGo(func() error { t.Error("started"); return nil }))
	close(release)
	require.NoError(t, g.Wait())

	var running, most atomic.Int32
	for i := 0; i < 100; i++ {
		g.Go(func() error {
			n := running.Add(1)
			defer running.Add(-1)
			for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
			}
			runtime.Gosched()
			return nil
		})
	}
	require.NoError(t, g.Wait())
	require.LessOrEqual(t, most.Load(), int32(limit))
	g.SetLimit(-1)
	release = make(chan struct{})
	for i := 0; i < 20; i++ {
		require.True(t, g.TryGo(func() error { <-release; return nil }))
	}
	close(release)
	require.NoError(t, g.Wait())
}

// TestGroupGoInEntersBeforeItBlocks checks that the Context is entered although
// the limit is reached.
func TestGroupGoInEntersBeforeItBlocks(t *testing.T) {
	v := gls.New[int]("v")
	var g spawn.Group
	g.SetLimit(1)
	c := gls.NewContext()
	release, blocked := make(chan struct{}), make(chan struct{})
	g.Go(func() error { <-release; return nil })
	go func() {
		defer close(blocked)
		g.GoIn(c, func() error { v.Set(1); return errBoom })
	}()
	for holder, _ := hook.Context(c).Owner(); holder == 0; holder, _ = hook.Context(c).Owner() {
		runtime.Gosched()
	}
	requireMisuse(t, gls.ErrEntered, func() { g.GoIn(c, func() error { t.Error("started"); return nil }) })
	close(release)
	<-blocked
	require.Same(t, errBoom, g.Wait())
	require.Equal(t, 1, gls.Call(c, v.Get))
}

// TestGroupsSurviveGoexit checks that Wait returns and that nothing is left.
func TestGroupsSurviveGoexit(t *testing.T) {
	before := registrytest.Now()
	v := gls.New[int]("v")
	var g spawn.Group
	var wg spawn.WaitGroup
	c := gls.NewContext()
	for i := 0; i < 10; i++ {
		g.Go(func() error { v.Set(1); runtime.Goexit(); return nil })
		wg.Go(func() { v.Set(1); runtime.Goexit() })
	}
	g.GoIn(c, func() error { v.Set(1); runtime.Goexit(); return nil })
	require.NoError(t, g.Wait())
	wg.Wait()
	require.Empty(t, before.New())
	require.Equal(t, 1, gls.Call(c, v.Get))
}

func TestWaitGroup(t *testing.T) {
	v := gls.New[int]("v")
	defer v.Set(1).Reset()
	before := registrytest.Now()
	var wg spawn.WaitGroup
	var sum atomic.Int64
	for round := 0; round < 20; round++ {
		for i := 0; i < 10; i++ {
			wg.Go(func() { sum.Add(int64(v.Get())); v.Set(2) })
		}
		wg.Add(2)
		go wg.Done()
		wg.Done()
		wg.Wait()
		require.EqualValues(t, 10*(round+1), sum.Load())
		require.Empty(t, before.New())
	}
	wg.Wait()
	require.NotNil(t, panicOf(func() { wg.Done() }), "a negative counter")
}

// TestGroupsFromManyGoroutines checks that each goroutine inherits the bindings
// of its own starter.
func TestGroupsFromManyGoroutines(t *testing.T) {
	v := gls.New[int]("v")
	var g spawn.Group
	var wg spawn.WaitGroup
	var starters sync.WaitGroup
	for i := 0; i < 16; i++ {
		starters.Add(1)
		go func(i int) {
			defer starters.Done()
			defer v.Set(i).Reset()
			for n := 0; n < 50; n++ {
				g.Go(func() error { assert.Equal(t, i, v.Get()); return nil })
				wg.Go(func() { assert.Equal(t, i, v.Get()) })
			}
		}(i)
	}
	starters.Wait()
	wg.Wait()
	require.NoError(t, g.Wait())
}

func TestSetLimitOfARunningGroup(t *testing.T) {
	var g spawn.Group
	g.SetLimit(2)
	release := make(chan struct{})
	g.Go(func() error { <-release; return nil })
	func() {
		defer func() {
			const text = `^spawn: limit of a Group set while its goroutines run: 1 of them, ` +
				`spawn\.Group\.SetLimit called by goroutine \d+; set it before the first Go$`
			require.Regexp(t, text, recover().(error).Error())
		}()
		g.SetLimit(3)
	}()
	close(release)
	require.NoError(t, g.Wait())
	g.SetLimit(3)
}
