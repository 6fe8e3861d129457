//go:build go1.23

package gls_test

import (
	"iter"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
)

// TestPullTokens checks that a token that the body makes during a loan belongs
// to the lender's Context, and one that it makes without a loan to its own.
func TestPullTokens(t *testing.T) {
	v := gls.New[int]("v")
	for name, run := range map[string]func(func()){
		"base":    func(f func()) { elsewhere(func() { defer gls.Release(); f() }) },
		"context": gls.Isolate,
	} {
		t.Run(name, func(t *testing.T) {
			run(func() {
				v.Set(1)
				goOn := make(chan bool)
				tokens := make(chan gls.Token[int], 2)
				next, stop := gls.Pull(func(yield func(int) bool) {
					lent := v.Set(2)
					tokens <- lent
					defer yielding(yield)()
					<-goOn
					assert.ErrorIs(t, v.TryReset(lent), gls.ErrTokenContext)
					assert.NoError(t, v.TryReset(v.Set(3)))
					tokens <- v.Set(4)
					goOn <- true
				})
				next()
				goOn <- true
				<-goOn
				assert.Equal(t, 2, v.Get())
				lent, own := <-tokens, <-tokens
				assert.ErrorIs(t, v.TryReset(own), gls.ErrTokenContext)
				assert.NoError(t, v.TryReset(lent))
				assert.Equal(t, 1, v.Get())
				stop()
			})
		})
	}
}

// TestPullBodyUnsets unsets a variable in the lent Context.
func TestPullBodyUnsets(t *testing.T) {
	v := gls.New[int]("v")
	defer v.Set(1).Reset()
	var tok gls.Token[int]
	next, stop := gls.Pull(func(yield func(int) bool) { tok = v.Unset(); yield(1); v.Unset(); yield(2) })
	next()
	_, ok := v.Lookup()
	require.False(t, ok)
	tok.Reset()
	require.Equal(t, 1, v.Get())
	gls.Isolate(func() { v.Set(2); next(); require.Zero(t, gls.CopyContext().Len()); stop() })
	require.Equal(t, 1, v.Get())
}

// TestPullBodyInAContext checks that a body that has entered a Context stays
// there when its loan ends, and has its own empty base underneath.
func TestPullBodyInAContext(t *testing.T) {
	v := gls.New[string]("v")
	defer v.Set("ann").Reset()
	goOn := make(chan bool)
	next, stop := gls.Pull(func(yield func(int) bool) {
		c, wait := gls.NewContext(), func() {}
		defer func() { wait() }()
		c.Run(func() {
			v.Set("in c")
			wait = yielding(yield)
			<-goOn
			assert.Equal(t, "in c", v.Get())
			gls.Release()
			assert.Equal(t, "in c", v.Get())
		})
		_, ok := v.Lookup()
		assert.False(t, ok)
		goOn <- true
	})
	next()
	goOn <- true
	<-goOn
	require.Equal(t, "ann", v.Get())
	stop()
}

// TestPullReleaseInAContext checks that the body's Release empties the base
// underneath the lent Context, even through several loans.
func TestPullReleaseInAContext(t *testing.T) {
	v := gls.New[int]("v")
	one := func(f func()) iter.Seq[int] { return func(yield func(int) bool) { f(); yield(1) } }
	pull := func(f func()) { next, stop := gls.Pull(one(f)); next(); stop() }
	for name, body := range map[string]func(){
		"one":                 gls.Release,
		"two":                 func() { pull(gls.Release) },
		"in a Context of two": func() { gls.Isolate(func() { v.Set(5); pull(gls.Release) }) },
	} {
		elsewhere(func() {
			v.Set(1)
			gls.Isolate(func() {
				v.Set(2)
				pull(body)
				assert.Equal(t, 2, v.Get(), name)
			})
			_, ok := v.Lookup()
			assert.False(t, ok, name)
		})
	}
}

// TestPullRetainsNothing checks that next and stop keep nothing of their
// callers alive.
func TestPullRetainsNothing(t *testing.T) {
	v := gls.New[*[1 << 16]byte]("v")
	endless := func(yield func(int) bool) {
		for yield(1) {
		}
	}
	foreign := func(yield func(int) bool) { yielding(yield)() }
	var stops []func()
	for name, lend := range map[string]func(f func()){
		"base": func(f func()) {
			f()
			if !gls.ReadStats().FastLiveness {
				gls.Release() // a sweep that takes a dump would come later
			}
		},
		"context": func(f func()) { gls.Isolate(f) },
	} {
		for _, body := range []iter.Seq[int]{endless, foreign} {
			next, stop := gls.Pull(body)
			freed := make(chan bool)
			elsewhere(func() {
				lend(func() {
					x := new([1 << 16]byte)
					runtime.SetFinalizer(x, func(*[1 << 16]byte) { close(freed) })
					v.Set(x)
					next()
				})
			})
			require.True(t, collected(freed), name)
			runtime.KeepAlive(next)
			stops = append(stops, stop)
		}
	}
	for _, stop := range stops {
		stop()
	}
}

// collected reports whether a finalizer closes freed within some collections.
func collected(freed <-chan bool) bool {
	for i := 0; i < 1000; i++ {
		runtime.GC()
		select {
		case <-freed:
			return true
		default:
			runtime.Gosched()
		}
	}
	return false
}

// yielding yields 1 on a new goroutine. wait returns when that has returned.
func yielding(yield func(int) bool) (wait func()) {
	done := make(chan bool)
	go func() { defer close(done); yield(1) }()
	return func() { <-done }
}
