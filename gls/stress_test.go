package gls_test

import (
	"fmt"
	"math/rand"
	"os"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

// stressTime is how long the stress tests run together: GLS_STRESS, a duration
// or a number of seconds, or two seconds.
func stressTime(t *testing.T) time.Duration {
	text := os.Getenv("GLS_STRESS")
	if text == "" {
		return 2 * time.Second
	}
	if seconds, err := strconv.ParseFloat(text, 64); err == nil {
		return time.Duration(seconds * float64(time.Second))
	}
	d, err := time.ParseDuration(text)
	require.NoError(t, err, "GLS_STRESS")
	return d
}

// An owned value has the ID of its owner. No two owners share an ID, so a
// goroutine that sees another's value has the wrong identity.
type owned struct {
	owner int64
	n     int
}

const (
	stressWorkers = 64
	stressVars    = 12 // more than stand in front of the trie
)

// TestStress runs 64 goroutines that do random operations for a while, on 1, 2
// and 16 processors, during garbage collections and sweeps and beside
// goroutines that leave their bindings behind.
func TestStress(t *testing.T) {
	each := stressTime(t) / 3
	for _, procs := range []int{1, 2, 16} {
		t.Run(fmt.Sprint("procs=", procs), func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(procs))
			st := newStress(t)
			var helpers, workers sync.WaitGroup
			stop := make(chan struct{})
			for _, helper := range []func(stop chan struct{}){st.collector, st.litterer} {
				helpers.Add(1)
				go func(helper func(chan struct{})) {
					defer helpers.Done()
					helper(stop)
				}(helper)
			}
			deadline := time.Now().Add(each)
			for i := int64(1); i <= stressWorkers; i++ {
				workers.Add(1)
				go func(i int64) {
					defer workers.Done()
					w := st.worker(i)
					for ; time.Now().Before(deadline) && !t.Failed(); runtime.Gosched() {
						w.life()
					}
				}(i)
			}
			workers.Wait()
			close(stop)
			helpers.Wait()
			settle()
			if gls.ReadStats().FastLiveness {
				require.Less(t, gls.Live(), stressWorkers, "the dead are not swept up")
			}
		})
	}
}

// A stress is what the workers share.
type stress struct {
	t      *testing.T
	vars   [stressVars]*gls.Var[owned]
	shared [4]*gls.Context // entered by the goroutine that comes first
	owners sync.Mutex
	last   int64 // owner, guarded by owners
}

func newStress(t *testing.T) *stress {
	st := &stress{t: t, last: 1000}
	for i := range st.vars {
		st.vars[i] = gls.New[owned](fmt.Sprint("v", i))
	}
	for i := range st.shared {
		st.shared[i] = gls.NewContext()
	}
	return st
}

// worker returns a new worker for the calling goroutine.
func (st *stress) worker(owner int64) *worker {
	return &worker{stress: st, owner: owner, random: rand.New(rand.NewSource(owner))}
}

func (st *stress) newOwner() int64 {
	st.owners.Lock()
	defer st.owners.Unlock()
	st.last++
	return st.last
}

// collector collects garbage, so that sweeps interrupt the workers at any
// point.
func (st *stress) collector(stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
			runtime.GC()
			gls.ReadStats()
		}
	}
}

// litterer starts goroutines that end without a Reset.
func (st *stress) litterer(stop chan struct{}) {
	for {
		select {
		case <-stop:
			return
		default:
			swarm(200, func(i int) { st.vars[i%stressVars].Set(owned{-1, i}) })
		}
	}
}

// A worker is the state of one goroutine: what it has bound in its current
// Context, and its name as an owner.
type worker struct {
	*stress
	owner  int64
	random *rand.Rand
	bound  [stressVars]*owned // nil where unbound
	depth  int
}

// verify compares every variable with what the worker has bound.
func (w *worker) verify(when string) {
	for i, v := range w.vars {
		x, ok := v.Lookup()
		if want := w.bound[i]; ok != (want != nil) || ok && x != *want {
			w.t.Errorf("worker %d, %s: %v is %v, %t; want %v", w.owner, when, v, x, ok, want)
			return
		}
	}
}

// life does some Sets and other operations, and undoes each of them.
func (w *worker) life() {
	w.depth++
	defer func() { w.depth-- }()
	w.verify("at first")
	for n := w.random.Intn(6); n > 0; n-- {
		w.act()
		w.verify("after an act")
	}
}

func (w *worker) act() {
	i := w.random.Intn(stressVars)
	v, old, x := w.vars[i], w.bound[i], owned{w.owner, w.random.Int()}
	switch what := w.random.Intn(12); {
	case what < 4 || w.depth > 5:
		token := v.Set(x)
		w.bound[i] = &x
		if w.depth <= 5 {
			w.life()
		}
		v.Reset(token)
		w.bound[i] = old
	case what == 4: // two, out of order
		j := (i + 1 + w.random.Intn(stressVars-1)) % stressVars
		second, y := w.bound[j], owned{w.owner, w.random.Int()}
		first := v.Set(x)
		w.bound[i] = &x
		last := w.vars[j].Set(y)
		w.bound[j] = &y
		w.verify("between two Sets and their Resets")
		v.Reset(first)
		w.bound[i] = old
		w.verify("out of order")
		w.vars[j].Reset(last)
		w.bound[j] = second
	case what == 5:
		w.inside(gls.NewContext().Run, [stressVars]*owned{})
	case what == 6:
		w.inside(gls.CopyContext().Run, w.bound)
	case what == 7:
		w.inside(func(f func()) { gls.Wrap(f)() }, w.bound)
	case what == 8:
		w.visit(w.shared[w.random.Intn(len(w.shared))])
	case what == 9:
		w.child(func(f func()) { var g spawn.WaitGroup; g.Go(f); g.Wait() }, w.bound)
	case what == 10:
		w.child(func(f func()) { spawn.Start(func() (int, error) { f(); return 0, nil }).Wait() }, w.bound)
	default:
		w.child(elsewhere, [stressVars]*owned{})
	}
}

// inside runs life in another Context of the same goroutine, where bound is
// bound.
func (w *worker) inside(run func(f func()), bound [stressVars]*owned) {
	outer := w.bound
	run(func() {
		w.bound = bound
		w.life()
	})
	w.bound = outer
}

// visit enters a shared Context if no goroutine is in it, and leaves it
// unchanged.
func (w *worker) visit(c *gls.Context) {
	outer := w.bound
	if c.TryRun(func() {
		w.bound = [stressVars]*owned{}
		w.life()
	}) == nil {
		w.bound = outer
	}
}

// child runs life on another goroutine, under another name, with inherited
// bindings.
func (w *worker) child(start func(f func()), bound [stressVars]*owned) {
	c := w.worker(w.newOwner())
	c.bound, c.depth = bound, w.depth
	start(c.life)
}
