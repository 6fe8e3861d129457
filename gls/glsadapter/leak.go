package glsadapter

import (
	"sort"
	"sync"

	"github.com/seed18162548/contextvars/gls"
)

// A Leak is a variable that requests, calls or jobs left bound.
type Leak struct {
	Var   gls.AnyVar
	Count uint64 // requests that left it bound
}

// Leftover returns the variables that are bound in c but not in before. A nil
// before means an empty one. Leftover allocates nothing if c is empty.
func Leftover(c, before *gls.Context) []gls.AnyVar {
	if c.Len() == 0 {
		return nil
	}
	return added(c, before)
}

// added is Leftover for a Context with bindings. It is a function of its own
// because its result is moved to the heap on entry.
func added(c, before *gls.Context) (vars []gls.AnyVar) {
	c.Range(func(v gls.AnyVar, _ any) bool {
		if before == nil || !before.Has(v) {
			vars = append(vars, v)
		}
		return true
	})
	return vars
}

// A LeakCounter counts leaks by variable. The zero LeakCounter is ready to use.
// Its methods may be called by several goroutines at once. It must not be
// copied.
type LeakCounter struct {
	mu    sync.Mutex
	leaky uint64                // guarded by mu
	byVar map[gls.AnyVar]uint64 // guarded by mu
}

// Add counts a request that left vars bound. It does nothing if vars is empty.
//
// Variables are made at package level and live as long as the program, so the
// size of the counter is bounded by their number.
func (l *LeakCounter) Add(vars []gls.AnyVar) {
	if len(vars) == 0 {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.leaky++
	if l.byVar == nil {
		l.byVar = make(map[gls.AnyVar]uint64)
	}
	for _, v := range vars {
		l.byVar[v]++
	}
}

// Read returns the number of requests that left something bound, and the
// variables that they left bound, sorted by descending count and then by name.
func (l *LeakCounter) Read() (leaky uint64, leaks []Leak) {
	l.mu.Lock()
	leaky = l.leaky
	leaks = make([]Leak, 0, len(l.byVar))
	for v, n := range l.byVar {
		leaks = append(leaks, Leak{v, n})
	}
	l.mu.Unlock()
	sort.Slice(leaks, func(i, j int) bool {
		if leaks[i].Count != leaks[j].Count {
			return leaks[i].Count > leaks[j].Count
		}
		return leaks[i].Var.Name() < leaks[j].Var.Name()
	})
	return leaky, leaks
}
