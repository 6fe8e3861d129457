//go:build go1.23

package gls_test

import (
	"runtime"
	"strconv"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/registry/registrytest"
	"github.com/seed18162548/contextvars/spawn"
)

// Package iter lets any goroutine call yield, as long as only one does at a
// time. These tests do what it allows, and some of what it does not.

// TestPullYieldOnAnotherGoroutine checks that such a yield neither shows nor
// changes the bindings of others, and ends the loan to the body.
func TestPullYieldOnAnotherGoroutine(t *testing.T) {
	for name, start := range map[string]func(func()){
		"go":       func(f func()) { go f() },
		"Detached": spawn.Detached,
		"Go":       spawn.Go,
		"Isolate":  func(f func()) { go gls.Isolate(f) },
	} {
		t.Run(name, func(t *testing.T) {
			v := gls.New[string]("v")
			resumed, goOn, done := make(chan bool), make(chan bool), make(chan bool)
			next, stop := gls.Pull(func(yield func(int) bool) {
				assert.Equal(t, "ann", v.Get())
				start(func() {
					defer close(done)
					defer gls.Release()
					v.Set("helper's")
					yield(1)
					assert.Equal(t, "helper's", v.Get(), "after the yield")
					close(resumed)
				})
				<-goOn
				_, ok := v.Lookup()
				assert.False(t, ok, "the body still sees its last caller")
				v.Set("body's")
				assert.Equal(t, "body's", v.Get())
				goOn <- true
				<-resumed
				<-done
				yield(2)
				assert.Equal(t, "cid", v.Get())
				v.Set("from the body")
			})
			defer v.Set("ann").Reset()
			x, _ := next()
			require.Equal(t, 1, x)
			require.Equal(t, "ann", v.Get())
			goOn <- true
			<-goOn
			require.Equal(t, "ann", v.Get(), "what the body sets without a loan")
			elsewhere(func() {
				gls.Isolate(func() {
					v.Set("bob")
					x, _ = next()
					assert.Equal(t, 2, x)
					assert.Equal(t, "bob", v.Get())
				})
			})
			v.With("cid", func() {
				_, ok := next()
				assert.False(t, ok)
				assert.Equal(t, "from the body", v.Get())
			})
			stop()
			require.Equal(t, "ann", v.Get())
		})
	}
}

// TestPullBodySetsWhileTheLoanEnds binds in the body while the caller goes on
// because another goroutine has yielded. The caller must see none of these
// bindings.
func TestPullBodySetsWhileTheLoanEnds(t *testing.T) {
	v, w := gls.New[int]("v"), gls.New[int]("w")
	for i := 0; i < 200; i++ {
		gls.Isolate(func() {
			v.Set(1)
			enough := make(chan bool)
			next, stop := gls.Pull(func(yield func(int) bool) {
				defer yielding(yield)()
				for on := true; on; {
					select {
					case <-enough:
						on = false
					default:
						_ = w.TryReset(w.Set(2)) // the loan may end in between
						gls.CopyContext()
						_ = v.TryReset(v.Set(2))
						gls.Release()
						gls.NewContext().Run(func() { v.Set(3); gls.Release() })
						runtime.Gosched() // for ports without preemption
					}
				}
			})
			next()
			tok := w.Set(7)
			for j := 0; j < 20; j++ {
				set := v.Set(j)
				if got := v.Get(); got != j || w.Get() != 7 {
					t.Errorf("caller reads %d and %d, wants %d and 7", got, w.Get(), j)
				}
				if err := v.TryReset(set); err != nil {
					t.Error(err)
				}
			}
			tok.Reset()
			close(enough)
			stop()
		})
	}
}

// TestPullYieldsInParallel lets workers yield in turn, under a mutex, while
// others bind. None must see another's user.
func TestPullYieldsInParallel(t *testing.T) {
	user := gls.New[string]("user")
	parallel := func(yield func(int) bool) {
		var mu sync.Mutex
		var wg sync.WaitGroup
		for i := 0; i < 4; i++ {
			me := "worker " + strconv.Itoa(i)
			wg.Add(1)
			go func() {
				defer wg.Done()
				for k := 0; k < 25; k++ {
					set := user.Set(me)
					if got := user.Get(); got != me {
						t.Errorf("%s reads %q", me, got)
					}
					if err := user.TryReset(set); err != nil {
						t.Error(me, err)
					}
					mu.Lock()
					yield(k)
					mu.Unlock()
				}
			}()
		}
		wg.Wait()
	}
	before := registrytest.Now()
	for i := 0; i < 10; i++ {
		user.With("caller", func() {
			next, stop := gls.Pull(parallel)
			defer stop()
			n := 0
			for _, ok := next(); ok; _, ok = next() {
				n++
				if got := user.Get(); got != "caller" {
					t.Errorf("the caller reads %q", got)
				}
			}
			assert.Equal(t, 100, n)
		})
	}
	require.Empty(t, before.New())
}

// TestPullYieldsFromAnInnerBody flattens iterators. One goroutine at a time
// runs. The loan to the outer body ends, and with it the loan that the outer
// body made.
func TestPullYieldsFromAnInnerBody(t *testing.T) {
	v := gls.New[string]("v")
	before := registrytest.Now()
	next, stop := gls.Pull(func(yield func(int) bool) {
		next, stop := gls.Pull(func(yieldInner func(int) bool) {
			assert.Equal(t, "ann", v.Get())
			v.Set("ann too")
			yield(1)
			_, ok := v.Lookup()
			assert.False(t, ok, "the inner body has a loan of what was lent to the outer one until its yield")
			yieldInner(10)
		})
		defer stop()
		x, _ := next()
		assert.Equal(t, 10, x)
		_, ok := v.Lookup()
		assert.False(t, ok)
		yield(2)
		assert.Equal(t, "cid", v.Get())
		next()
		assert.Equal(t, "cid", v.Get())
	})
	defer stop()
	v.With("ann", func() {
		x, _ := next()
		require.Equal(t, 1, x)
		require.Equal(t, "ann too", v.Get())
	})
	v.With("bob", func() {
		x, _ := next()
		require.Equal(t, 2, x)
		require.Equal(t, "bob", v.Get())
	})
	v.With("cid", func() {
		_, ok := next()
		require.False(t, ok)
	})
	require.Empty(t, before.New())
}

// TestPullYieldsWhereItDoesNotSwitch yields out of turn, after the end and
// after stop. Package iter handles this, and the loan stays unchanged.
func TestPullYieldsWhereItDoesNotSwitch(t *testing.T) {
	v := gls.New[string]("v")
	defer v.Set("ann").Reset()
	before := registrytest.Now()
	var kept func(int) bool
	next, stop := gls.Pull(func(yield func(int) bool) {
		kept = yield
		yield(1)
		for i := 0; i < 3; i++ {
			assert.False(t, yield(2), "after stop")
			assert.Equal(t, "ann", v.Get())
		}
		elsewhere(func() {
			assert.False(t, yield(3), "after stop")
			assert.Empty(t, v.Get())
		})
		assert.Equal(t, "ann", v.Get(), "stop still waits")
		v.Set("bound in stop")
	})
	next()
	elsewhere(func() { assert.NotNil(t, panicOf(func() { kept(1) }), "out of turn") })
	stop()
	require.Equal(t, "bound in stop", v.Get())
	require.False(t, kept(4))
	elsewhere(func() { assert.False(t, kept(5)) })
	require.Equal(t, "bound in stop", v.Get())
	require.Empty(t, before.New())
}

// TestPullAdvancedWithinItself calls next in its own body, which package iter
// refuses. The loan stays unchanged.
func TestPullAdvancedWithinItself(t *testing.T) {
	v := gls.New[string]("v")
	defer v.Set("ann").Reset()
	before := registrytest.Now()
	var next func() (int, bool)
	next, stop := gls.Pull(func(yield func(int) bool) {
		assert.NotNil(t, panicOf(func() { next() }))
		elsewhere(func() {
			defer gls.Release()
			v.Set("helper's")
			assert.NotNil(t, panicOf(func() { next() }))
			assert.Equal(t, "helper's", v.Get())
		})
		assert.Equal(t, "ann", v.Get())
		v.Set("bound in the body")
		yield(1)
		assert.Equal(t, "ann", v.Get())
	})
	next()
	require.Equal(t, "bound in the body", v.Get())
	v.Set("ann")
	next()
	stop()
	require.Empty(t, before.New())
}

// TestPullYieldsFromAFinalizer yields on the goroutine of finalizers.
func TestPullYieldsFromAFinalizer(t *testing.T) {
	v := gls.New[string]("v")
	defer v.Set("ann").Reset()
	seen := make(chan string, 1)
	next, stop := gls.Pull(func(yield func(int) bool) {
		runtime.SetFinalizer(new([16]int), func(*[16]int) {
			yield(1)
			seen <- v.Get()
		})
		for len(seen) == 0 {
			runtime.GC()
			runtime.Gosched()
		}
	})
	x, ok := next()
	require.True(t, ok)
	require.Equal(t, 1, x)
	require.Equal(t, "ann", v.Get())
	stop()
	require.Empty(t, <-seen)
	require.Equal(t, "ann", v.Get())
}

// TestPullForeignGoroutineEnds ends a goroutine by Goexit after its yield. The
// body borrows again when it is next resumed.
func TestPullForeignGoroutineEnds(t *testing.T) {
	v := gls.New[string]("v")
	before := registrytest.Now()
	next, stop := gls.Pull(func(yield func(int) bool) {
		elsewhere(func() {
			v.Set("helper's")
			defer gls.Release()
			yield(1)
			runtime.Goexit()
		})
		assert.Empty(t, v.Get())
		yield(2)
		assert.Equal(t, "cid", v.Get())
		v.Set("from the body")
	})
	advance := func(user string, want int) {
		v.With(user, func() {
			x, ok := next()
			require.True(t, ok)
			require.Equal(t, want, x)
			require.Equal(t, user, v.Get())
		})
	}
	advance("ann", 1)
	advance("bob", 2)
	v.With("cid", func() { stop(); require.Equal(t, "from the body", v.Get()) })
	require.Empty(t, before.New())
}

// TestPullYieldsOutOfTurn yields on the body's goroutine after another one has
// yielded and before the caller has called next again. Package iter panics, and
// what the body has bound meanwhile is still bound; so it is after the next
// call of next.
func TestPullYieldsOutOfTurn(t *testing.T) {
	v := gls.New("v", gls.Default("nobody"))
	before := registrytest.Now()
	goOn, done := make(chan bool), make(chan bool)
	next, stop := gls.Pull(func(yield func(int) bool) {
		resumed := yielding(yield)
		<-goOn
		set := v.Set("body's")
		for i := 0; i < 3; i++ {
			assert.NotNil(t, panicOf(func() { yield(2) }), "out of turn")
			assert.Equal(t, "body's", v.Get())
		}
		assert.NoError(t, v.TryReset(set))
		assert.Equal(t, "nobody", v.Get())
		v.Set("body's again")
		goOn <- true
		resumed()
		yield(3)
		assert.Equal(t, "bob", v.Get())
		v.Set("bound for bob")
		assert.NotNil(t, panicOf(func() {
			yield(4)
			panic("as any panic of a body")
		}))
		assert.Equal(t, "cid", v.Get())
		done <- true
	})
	v.With("ann", func() {
		x, _ := next()
		require.Equal(t, 1, x)
		goOn <- true
		<-goOn
		require.Equal(t, "ann", v.Get())
		x, _ = next()
		require.Equal(t, 3, x)
		require.Equal(t, "ann", v.Get())
	})
	v.With("bob", func() {
		x, _ := next()
		require.Equal(t, 4, x)
		require.Equal(t, "bound for bob", v.Get())
	})
	go func() { <-done }()
	v.With("cid", stop)
	require.Empty(t, before.New())
}
