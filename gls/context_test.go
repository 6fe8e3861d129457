package gls_test

import (
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/registry/registrytest"
)

func TestRun(t *testing.T) {
	v, w := gls.New[int]("v"), gls.New[int]("w")
	defer v.Set(1).Reset()
	c := gls.NewContext()
	c.Run(func() {
		_, ok := v.Lookup()
		require.False(t, ok, "merged, not replaced")
		v.Set(2)
		x, _ := v.In(c)
		require.Equal(t, 2, x, "not visible in c at once")
		elsewhere(func() {
			x, _ := v.In(c)
			assert.Equal(t, 2, x, "not visible in c from elsewhere")
			_, ok := v.Lookup()
			assert.False(t, ok)
		})
		w.Set(3)
	})
	require.Equal(t, 1, v.Get())
	_, ok := w.Lookup()
	require.False(t, ok)
	require.Equal(t, 2, c.Len(), "Sets do not stay")
	elsewhere(func() {
		c.Run(func() {
			assert.Equal(t, 2, v.Get())
			v.Set(4)
		})
		_, ok := v.Lookup()
		assert.False(t, ok)
	})
	c.Run(func() { require.Equal(t, 4, v.Get()) })
}

func TestZeroContext(t *testing.T) {
	v := gls.New[int]("v")
	var c gls.Context
	require.Zero(t, c.Len())
	require.False(t, c.Has(v))
	require.True(t, c.Equal(gls.NewContext()))
	c.Range(func(gls.AnyVar, any) bool { t.Error("a binding"); return true })
	c.Run(func() { v.Set(1) })
	require.True(t, c.Has(v))
	require.Equal(t, 1, c.Copy().Len())
	(&gls.Context{}).Enter()()
}

func TestCall(t *testing.T) {
	v := gls.New[string]("v")
	c := gls.NewContext()
	require.Equal(t, 7, gls.Call(c, func() int { v.Set("a"); return 7 }))
	require.Equal(t, "a", gls.Call(c, v.Get))
	c.Run(func() {
		requireMisuse(t, gls.ErrEntered, func() { gls.Call(c, v.Get) })
	})
	require.Equal(t, 1, panicOf(func() { gls.Call(c, func() int { panic(1) }) }))
	require.Equal(t, "a", gls.Call(c, v.Get), "stays entered after a panic")
}

// TestNestedRuns enters a chain of Contexts and checks at every depth that each
// is entered.
func TestNestedRuns(t *testing.T) {
	v := gls.New[int]("v")
	const depth = 50
	contexts := make([]*gls.Context, depth)
	for i := range contexts {
		contexts[i] = gls.NewContext()
	}
	defer v.Set(-1).Reset()
	var down func(i int)
	down = func(i int) {
		if i == depth {
			for _, c := range contexts {
				require.ErrorIs(t, c.TryRun(func() { t.Error("ran") }), gls.ErrEntered)
				requireMisuse(t, gls.ErrEntered, func() { c.Enter() })
				elsewhere(func() {
					assert.ErrorIs(t, c.TryRun(func() { t.Error("ran") }), gls.ErrEntered)
				})
			}
			return
		}
		require.NoError(t, contexts[i].TryRun(func() {
			v.Set(i)
			down(i + 1)
			require.Equal(t, i, v.Get())
		}))
	}
	down(0)
	require.Equal(t, -1, v.Get())
	for i, c := range contexts {
		require.Equal(t, i, gls.Call(c, v.Get))
	}
}

// TestSimultaneousRuns checks that exactly one of n goroutines that try to
// enter a Context at the same time succeeds.
func TestSimultaneousRuns(t *testing.T) {
	const n, rounds = 16, 200
	for round := 0; round < rounds; round++ {
		var (
			c       = gls.NewContext()
			won     atomic.Int32
			start   = make(chan struct{})
			losers  sync.WaitGroup
			workers sync.WaitGroup
		)
		losers.Add(n - 1)
		workers.Add(n)
		for i := 0; i < n; i++ {
			go func() {
				defer workers.Done()
				<-start
				err := c.TryRun(func() {
					won.Add(1)
					losers.Wait() // while all others try
				})
				if err != nil {
					assert.ErrorIs(t, err, gls.ErrEntered)
					losers.Done()
				}
			}()
		}
		close(start)
		workers.Wait()
		require.EqualValues(t, 1, won.Load())
		require.NoError(t, c.TryRun(func() {}))
	}
}

// TestOneInsideAtATime counts in a Context from many goroutines, without any
// other synchronisation: under -race it checks that Run orders them.
func TestOneInsideAtATime(t *testing.T) {
	v := gls.New("v", gls.Default(0))
	plain := 0
	c := gls.NewContext()
	const workers, each = 8, 200
	var wg sync.WaitGroup
	wg.Add(workers)
	for i := 0; i < workers; i++ {
		go func() {
			defer wg.Done()
			for n := 0; n < each; {
				if c.TryRun(func() { plain++; v.Set(v.Get() + 1) }) == nil {
					n++
				}
			}
		}()
	}
	wg.Wait()
	require.Equal(t, workers*each, plain)
	require.Equal(t, workers*each, gls.Call(c, v.Get))
}

// TestReadersDuringRun reads a Context on many goroutines while another one
// sets variables in it: every reader sees complete bindings.
func TestReadersDuringRun(t *testing.T) {
	vars := numbered(40)
	c := gls.NewContext()
	stop := make(chan struct{})
	var readers sync.WaitGroup
	for i := 0; i < 4; i++ {
		readers.Add(1)
		go func() {
			defer readers.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				snapshot := c.Copy()
				n := 0
				snapshot.Range(func(v gls.AnyVar, x any) bool {
					n++
					y, ok := v.(*gls.Var[int]).In(snapshot)
					return assert.True(t, ok && y == x && x.(int)%len(vars) == 1000%len(vars)) &&
						assert.True(t, snapshot.Has(v))
				})
				assert.Equal(t, n, snapshot.Len())
				assert.True(t, snapshot.Equal(snapshot.Copy()))
				c.Has(vars[0])
				c.Len()
				c.Equal(snapshot)
				vars[1].In(c)
			}
		}()
	}
	c.Run(func() {
		for round := 0; round < 50; round++ {
			tokens := make([]gls.Token[int], len(vars))
			for i, v := range vars {
				tokens[i] = v.Set(1000 + round*len(vars))
			}
			for i := range vars {
				vars[(i+round)%len(vars)].Reset(tokens[(i+round)%len(vars)])
			}
		}
	})
	close(stop)
	readers.Wait()
	require.Zero(t, c.Len())
}

func TestCopyContext(t *testing.T) {
	v, w := gls.New[int]("v"), gls.New[int]("w")
	p := gls.New[*int]("p")
	elsewhere(func() {
		before := registrytest.Now()
		c := gls.CopyContext()
		assert.Zero(t, c.Len())
		assert.Empty(t, before.New(), "CopyContext makes state")
	})
	x := 1
	defer v.Set(1).Reset()
	defer p.Set(&x).Reset()
	c := gls.CopyContext()
	v.Set(2)
	w.Set(2)
	c.Run(func() {
		require.Equal(t, 1, v.Get())
		require.False(t, c.Has(w))
		require.Same(t, &x, p.Get(), "not shallow")
		v.Set(3)
		d := c.Copy() // while entered, here
		require.NoError(t, d.TryRun(func() {
			require.Equal(t, 3, v.Get())
			v.Set(4)
		}), "a copy is entered")
		require.Equal(t, 3, v.Get())
		elsewhere(func() { // and elsewhere
			e := c.Copy()
			e.Run(func() { assert.Equal(t, 3, v.Get()) })
		})
	})
	require.Equal(t, 2, v.Get())
	v.With(9, func() { require.Equal(t, 9, gls.Call(gls.CopyContext(), v.Get)) })
	gls.Release()
	require.Equal(t, 3, gls.Call(c, v.Get))
}
