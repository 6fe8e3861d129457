package gls_test

import (
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/registry/registrytest"
)

// settle collects garbage twice, and waits for the runtime to run finalizers
// after each collection, which remove what ended goroutines left.
func settle() {
	for i := 0; i < 2; i++ {
		ran := make(chan struct{})
		// 64 bytes with a pointer: not in a block with other small objects.
		runtime.SetFinalizer(&[8]*int{}, func(*[8]*int) { close(ran) })
		runtime.GC()
		<-ran
	}
	// Finalizers run one after the other, in no particular order. Those of a later
	// collection run after all of an earlier one.
	ran := make(chan struct{})
	runtime.SetFinalizer(&[8]*int{}, func(*[8]*int) { close(ran) })
	runtime.GC()
	<-ran
}

// swarm calls f on n goroutines, started by plain go statements in batches, and
// waits until all have returned.
func swarm(n int, f func(i int)) {
	const batch = 1000
	for n > 0 {
		var all sync.WaitGroup
		for i := 0; i < batch && n > 0; i++ {
			n--
			all.Add(1)
			go func(i int) {
				defer all.Done()
				f(i)
			}(n)
		}
		all.Wait()
	}
}

// millionScaled is a million, or fewer where goroutines cost more.
func millionScaled() int {
	switch {
	case raceEnabled:
		return 50_000
	case !gls.ReadStats().FastLiveness:
		return 50_000
	default:
		return 1_000_000
	}
}

// TestMillionGoroutinesLeaveNothing checks that goroutines that set variables
// and end in any way without a Reset leave next to nothing after two
// collections.
func TestMillionGoroutinesLeaveNothing(t *testing.T) {
	v := gls.New[[64]byte]("v")
	settle()
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	swarm(millionScaled(), func(i int) {
		v.Set([64]byte{byte(i)})
		switch i % 4 {
		case 1:
			defer func() { _ = recover() }()
			panic("ends by a panic")
		case 2:
			runtime.Goexit()
		case 3:
			gls.NewContext().Enter()
			v.Set([64]byte{byte(i)})
		}
	})
	settle()
	runtime.ReadMemStats(&after)
	st := gls.ReadStats()
	t.Logf("%+v, heap %+d", st, int64(after.HeapAlloc)-int64(before.HeapAlloc))
	require.LessOrEqual(t, st.Live, uint64(1000))
	require.LessOrEqual(t, int64(after.HeapAlloc)-int64(before.HeapAlloc), int64(1<<20))
	require.NotZero(t, st.Reclaimed, "the swarm left nothing to sweep")
}

// TestNothingIsLeftBehind checks that goroutines that clean up leave nothing
// behind, not even for a moment.
func TestNothingIsLeftBehind(t *testing.T) {
	v, w := gls.New[int]("v"), gls.New[int]("w")
	before := registrytest.Now()
	for name, f := range map[string]func(){
		"reset":        func() { v.Reset(v.Set(1)) },
		"idiom":        func() { defer v.Set(1).Reset() },
		"two":          func() { defer v.Set(1).Reset(); defer w.Set(2).Reset() },
		"wrong order":  func() { a, b := v.Set(1), w.Set(2); a.Reset(); b.Reset() },
		"With":         func() { v.With(1, func() {}) },
		"Run":          func() { gls.NewContext().Run(func() { v.Set(1) }) },
		"Run in Set":   func() { defer v.Set(1).Reset(); gls.NewContext().Run(func() { v.Set(1) }) },
		"reset inside": func() { a := v.Set(1); exit := gls.NewContext().Enter(); exit(); a.Reset() },
		"Isolate":      func() { gls.Isolate(func() { v.Set(1) }) },
		"Wrap":         func() { gls.Wrap(func() { v.Set(1) })() },
		"Release":      func() { v.Set(1); w.Set(2); gls.Release() },
		"Enter":        func() { gls.NewContext().Enter()() },
		"Release in Run": func() {
			v.Set(1)
			gls.NewContext().Run(gls.Release)
		},
		"Goexit": func() { defer v.Set(1).Reset(); runtime.Goexit() },
		"panic":  func() { defer func() { _ = recover() }(); v.With(1, func() { panic(1) }) },
		"failed TryRun": func() {
			c := gls.NewContext()
			c.Run(func() { elsewhere(func() { _ = c.TryRun(func() {}) }) })
		},
		"reading": func() { v.Get(); v.Lookup(); gls.CopyContext(); gls.Wrap(func() {}); gls.Into(background) },
	} {
		elsewhere(f)
		require.Empty(t, before.New(), name)
	}
}

// TestSweepSparesTheLiving checks that goroutines that block, run, wait in a
// system call or are locked to a thread keep their bindings through
// collections.
func TestSweepSparesTheLiving(t *testing.T) {
	v := gls.New[int]("v")
	const n = 200
	var ready, done sync.WaitGroup
	release := make(chan struct{})
	var mu sync.Mutex
	mu.Lock()
	ready.Add(n)
	done.Add(n)
	for i := 0; i < n; i++ {
		go func(i int) {
			defer done.Done()
			defer v.Set(i).Reset()
			if i%5 == 1 {
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
			}
			ready.Done()
			switch i % 5 {
			case 0:
				for open := true; open; { // stays runnable
					select {
					case <-release:
						open = false
					default:
						runtime.Gosched()
					}
				}
			case 2:
				mu.Lock()
				defer mu.Unlock()
			case 3:
				select {
				case <-release:
				case <-(chan int)(nil):
				}
			default:
				<-release
			}
			assert.Equal(t, i, v.Get())
		}(i)
	}
	ready.Wait()
	swarm(20_000, func(i int) { v.Set(-i) })
	settle()
	require.GreaterOrEqual(t, gls.Live(), n)
	close(release)
	mu.Unlock()
	done.Wait()
}
