package goroutine_test

import (
	"io"
	"net"
	"reflect"
	"runtime"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/internal/goroutine"
)

// occupations has the things that a live goroutine can be doing until stop is
// closed.
func occupations(t *testing.T) map[string]func(stop chan struct{}) {
	server, client := net.Pipe()
	work := map[string]func(stop chan struct{}){
		"receive": func(stop chan struct{}) { <-stop },
		"send": func(stop chan struct{}) {
			c := make(chan int)
			go func() { <-stop; <-c }()
			c <- 1
		},
		"select": func(stop chan struct{}) {
			select {
			case <-stop:
			case <-time.After(time.Hour):
			}
		},
		"yield": func(stop chan struct{}) {
			for {
				select {
				case <-stop:
					return
				default:
					runtime.Gosched()
				}
			}
		},
		"locked to a thread": func(stop chan struct{}) { runtime.LockOSThread(); <-stop },
		"lock": func(stop chan struct{}) {
			var mu sync.Mutex
			mu.Lock()
			go func() { <-stop; mu.Unlock() }()
			mu.Lock()
		},
		"WaitGroup": func(stop chan struct{}) {
			var wg sync.WaitGroup
			wg.Add(1)
			go func() { <-stop; wg.Done() }()
			wg.Wait()
		},
		"network": func(stop chan struct{}) {
			go func() { <-stop; client.Close() }()
			_, _ = io.ReadAll(server)
		},
		"timer": func(stop chan struct{}) {
			for timer := time.NewTicker(time.Microsecond); ; {
				select {
				case <-stop:
					timer.Stop()
					return
				case <-timer.C:
				}
			}
		},
		"deep stack": func(stop chan struct{}) { deep(500, func() { <-stop }) },
		"collect":    func(stop chan struct{}) { <-stop; runtime.GC() },
	}
	addThreaded(t, work)
	return work
}

func deep(n int, f func()) {
	if n == 0 {
		f()
		return
	}
	deep(n-1, f)
}

// TestLiveness checks, for goroutines in every occupation, that neither way to
// find out reports them as ended while they live, and that both do afterwards.
func TestLiveness(t *testing.T) {
	type sample struct {
		name  string
		ended func() bool
		id    int64
	}
	stop := make(chan struct{})
	samples := make(chan sample)
	var done sync.WaitGroup
	work := occupations(t)
	for name, occupation := range work {
		done.Add(1)
		go func(name string, occupation func(chan struct{})) {
			defer done.Done()
			h, id := goroutine.Handle(), goroutine.ID()
			assert.NotNil(t, h, name)
			samples <- sample{name, func() bool {
				return goroutine.FastLiveness && goroutine.Ended(h, id)
			}, id}
			occupation(stop)
		}(name, occupation)
	}
	var all []sample
	for range work {
		all = append(all, <-samples)
	}
	for i := 0; i < 20; i++ {
		ids, ok := goroutine.Dump()
		require.True(t, ok)
		for _, s := range all {
			require.False(t, s.ended(), s.name)
			require.Contains(t, ids, s.id, s.name)
		}
		runtime.GC()
	}
	close(stop)
	done.Wait()
	for _, s := range all {
		for !s.ended() && goroutine.FastLiveness {
			runtime.Gosched()
		}
		for shown := true; shown; {
			ids, ok := goroutine.Dump()
			require.True(t, ok)
			_, shown = slices.BinarySearch(ids, s.id)
		}
	}
}

// TestAlwaysInDump checks which goroutines a dump shows for as long as they
// live, and which it may omit.
func TestAlwaysInDump(t *testing.T) {
	check := func(want bool, name string, start func(f func())) {
		t.Helper()
		done := make(chan struct{})
		start(func() {
			defer close(done)
			assert.Equal(t, want, goroutine.AlwaysInDump(), name)
			if ids, ok := goroutine.Dump(); assert.True(t, ok) {
				assert.Contains(t, ids, goroutine.ID(), name)
			}
		})
		<-done
	}
	check(true, "go", func(f func()) { go f() })
	check(true, "arguments", func(f func()) { go deep(1, f) })
	check(true, "deep", func(f func()) { go deep(1000, f) })
	check(true, "timer", func(f func()) { time.AfterFunc(0, f) })
	check(true, "test", func(f func()) { f() })
	check(true, "method", func(f func()) { go caller{f}.call() })
	check(true, "method value", func(f func()) { g := caller{f}.call; go g() })
	check(!goroutine.PrefixInUse(), "exported method", func(f func()) { go caller{f}.Call() })
	check(!goroutine.PrefixInUse(), "reflection", func(f func()) { go reflect.ValueOf(caller{f}).Method(0).Interface().(func())() })
	check(false, "method value of runtime.Error", func(f func()) {
		var e runtime.Error = caller{f}
		g := e.RuntimeError
		go g() // a system goroutine, by its name
	})
	finalize := func(f func()) {
		runtime.SetFinalizer(&[8]*int{}, func(*[8]*int) { f() })
		runtime.GC()
	}
	check(false, "finalizer", finalize)
	check(false, "finalizer, deep", func(f func()) { finalize(func() { deep(1000, f) }) })
}

type caller struct{ f func() }

func (c caller) call()         { c.f() }
func (c caller) Call()         { c.f() }
func (c caller) RuntimeError() { c.f() }
func (c caller) Error() string { return "" }

// TestDump takes a dump of more goroutines than fit into the first buffer.
func TestDump(t *testing.T) {
	const n = 300
	stop := make(chan struct{})
	ids := make(chan int64)
	for i := 0; i < n; i++ {
		go deep(60, func() { ids <- goroutine.ID(); <-stop })
	}
	var all []int64
	for i := 0; i < n; i++ {
		all = append(all, <-ids)
	}
	shown, ok := goroutine.Dump()
	require.True(t, ok)
	for _, id := range all {
		require.Contains(t, shown, id)
	}
	close(stop)
}

// closed reports whether c is closed. It does not block.
func closed(c chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}
