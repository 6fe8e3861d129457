package glshttp

import (
	"fmt"
	"sort"
	"sync"
	"sync/atomic"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// Stats are what the adapters of this package have counted since the process
// started, over all servers and clients.
type Stats struct {
	Requests   uint64 // served by a Handler
	Leaky      uint64 // of these, and of those of a TimeoutHandler, which left something bound
	Leaks      []Leak // what they left bound, the most frequent first
	RefusedIDs uint64 // request IDs that came in and were replaced

	Injected  glsexport.Report // sums over the requests of Transports
	Extracted glsexport.Report // sums over the trusted requests of Extract
}

// A Leak is a variable that handlers left bound.
type Leak struct {
	Var   gls.AnyVar
	Count uint64 // requests that left it bound
}

// ReadStats returns the counters. It takes one lock and may be called at any
// time; the counters are not of one instant.
func ReadStats() Stats {
	return Stats{
		Requests:   counters.requests.Load(),
		Leaky:      counters.leaky.Load(),
		Leaks:      counters.leaks(),
		RefusedIDs: counters.refusedIDs.Load(),
		Injected:   counters.injected.read(),
		Extracted:  counters.extracted.read(),
	}
}

var counters struct {
	requests   atomic.Uint64
	leaky      atomic.Uint64
	refusedIDs atomic.Uint64
	injected   reports
	extracted  reports
	leakedVars
}

// leakedVars counts leaks by variable. Variables live for ever, so the map does
// not outgrow them.
type leakedVars struct {
	mu    sync.Mutex
	byVar map[gls.AnyVar]uint64 // guarded by mu
}

// leak counts a request that left vars bound.
func (l *leakedVars) leak(vars []gls.AnyVar) {
	counters.leaky.Add(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.byVar == nil {
		l.byVar = make(map[gls.AnyVar]uint64)
	}
	for _, v := range vars {
		l.byVar[v]++
	}
}

func (l *leakedVars) leaks() []Leak {
	l.mu.Lock()
	list := make([]Leak, 0, len(l.byVar))
	for v, n := range l.byVar {
		list = append(list, Leak{v, n})
	}
	l.mu.Unlock()
	sort.Slice(list, func(i, j int) bool {
		if list[i].Count != list[j].Count {
			return list[i].Count > list[j].Count
		}
		return list[i].Var.Name() < list[j].Var.Name()
	})
	return list
}

// reports is a sum of Reports.
type reports struct {
	carried, kept, refused, malformed, ambiguous, excess atomic.Int64
}

func (s *reports) add(r glsexport.Report) {
	for _, f := range []struct {
		sum *atomic.Int64
		n   int
	}{
		{&s.carried, r.Carried}, {&s.kept, r.Kept}, {&s.refused, r.Refused},
		{&s.malformed, r.Malformed}, {&s.ambiguous, r.Ambiguous}, {&s.excess, r.Excess},
	} {
		if f.n != 0 {
			f.sum.Add(int64(f.n))
		}
	}
}

func (s *reports) read() glsexport.Report {
	return glsexport.Report{
		Carried:   int(s.carried.Load()),
		Kept:      int(s.kept.Load()),
		Refused:   int(s.refused.Load()),
		Malformed: int(s.malformed.Load()),
		Ambiguous: int(s.ambiguous.Load()),
		Excess:    int(s.excess.Load()),
	}
}

// mustFunc panics in the caller of the function named where if the function
// that it was given is nil.
func mustFunc(where string, isNil bool) {
	if isNil {
		panic(fmt.Errorf("glshttp: %s: %w", where, gls.ErrNilFunc))
	}
}
