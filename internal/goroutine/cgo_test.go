//go:build cgo && (linux || darwin)

package goroutine_test

import (
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/goroutine/internal/cthreads"
	"github.com/seed18162548/contextvars/internal/registry"
)

// storm collects garbage, sweeps and starts goroutines that leave entries and g
// structs behind, until stop is called.
func storm(v *gls.Var[int]) (stop func()) {
	quit := make(chan struct{})
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for {
			select {
			case <-quit:
				return
			default:
			}
			var dead sync.WaitGroup
			for i := 0; i < 50; i++ {
				dead.Add(1)
				go func() { defer dead.Done(); v.Set(-1) }()
			}
			dead.Wait()
			runtime.GC()
			registry.Sweep()
		}
	}()
	return func() { close(quit); wg.Wait() }
}

// TestCgoCallbacksKeepTheirEntries checks that sweeps spare the goroutines of C
// threads. Between two callbacks, and above all after a thread that C created
// has ended, such a goroutine looks dead, and comes back under the same ID, on
// that thread or on a later one. The last binding under that ID must be there.
func TestCgoCallbacksKeepTheirEntries(t *testing.T) {
	for _, threads := range []int{1, 8} {
		v := gls.New[int]("v")
		stop := storm(v)
		var mu sync.Mutex
		bound := map[int64]int{} // by goroutine ID; guarded by mu
		kept := 0                // guarded by mu
		callback := func(thread, round int) {
			id, x := goroutine.ID(), 1000*thread+round
			assert.Equal(t, goroutine.SlowID(), id)
			mu.Lock()
			want, was := bound[id]
			bound[id] = x
			if was {
				kept++
			}
			mu.Unlock()
			last, ok := v.Lookup()
			assert.Equal(t, was, ok, "%d threads, round %d: bound", threads, round)
			assert.Equal(t, want, last)
			v.Set(x)
			runtime.Gosched()
			assert.Equal(t, x, v.Get())
		}
		sweep := func() {
			runtime.GC()
			registry.Sweep()
		}
		const generations, rounds = 10, 5
		for i := 0; i < generations; i++ {
			cthreads.Run(threads, rounds, callback, sweep)
			sweep()
		}
		stop()
		require.GreaterOrEqual(t, kept, generations*(rounds-1), "goroutines do not come back")
	}
}

// TestIsolateSeparatesCgoCallbacks checks that with Isolate no callback sees
// what another one has set, on the same thread or another, and that none leaves
// an entry.
func TestIsolateSeparatesCgoCallbacks(t *testing.T) {
	v, seen := gls.New[int]("v"), gls.New[int]("seen")
	defer storm(v)()
	cthreads.Run(8, 100, func(thread, round int) {
		gls.Isolate(func() {
			_, ok := seen.Lookup()
			assert.False(t, ok, "seen in another callback")
			seen.Set(thread)
			runtime.Gosched()
			if round%10 == 0 {
				cthreads.Run(1, 1, func(int, int) { // from C to Go to C to Go
					gls.Isolate(func() {
						_, ok := seen.Lookup()
						assert.False(t, ok)
						seen.Set(-1)
					})
				}, registry.Sweep)
			}
			assert.Equal(t, thread, seen.Get())
		})
		_, ok := seen.Lookup()
		assert.False(t, ok)
	}, registry.Sweep)
}

// TestCgoHandles checks that the goroutines of callbacks have no handle without
// FastLiveness, because a dump does not show them reliably.
func TestCgoHandles(t *testing.T) {
	cthreads.Run(2, 2, func(int, int) {
		assert.False(t, goroutine.AlwaysInDump())
		if goroutine.FastLiveness {
			assert.False(t, goroutine.Ended(goroutine.Handle(), goroutine.ID()))
		} else {
			assert.Nil(t, goroutine.Handle())
		}
	}, runtime.GC)
}
