package glsgrpc

import (
	"sync"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// Stats are what the interceptors of this package have counted since the process
// started, over all servers and clients.
type Stats struct {
	Calls uint64                // served
	Leaky uint64                // of these, which left something bound
	Leaks map[gls.AnyVar]uint64 // calls that left the variable bound

	Injected  glsexport.Report // sums over calls made
	Extracted glsexport.Report // sums over trusted calls served
}

// ReadStats returns the counters. It takes one lock and may be called at any time.
func ReadStats() Stats {
	counters.mu.Lock()
	defer counters.mu.Unlock()
	s := counters.sums
	s.Leaks = make(map[gls.AnyVar]uint64, len(counters.sums.Leaks))
	for v, n := range counters.sums.Leaks {
		s.Leaks[v] = n
	}
	return s
}

var counters = tally{sums: Stats{Leaks: make(map[gls.AnyVar]uint64)}}

type tally struct {
	mu   sync.Mutex
	sums Stats // guarded by mu
}

// addCall counts a call that left these variables bound. Variables live for
// ever, so the map does not outgrow them.
func (t *tally) addCall(leaked []gls.AnyVar) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sums.Calls++
	if len(leaked) > 0 {
		t.sums.Leaky++
	}
	for _, v := range leaked {
		t.sums.Leaks[v]++
	}
}

func (t *tally) addInjected(r glsexport.Report)  { t.add(&t.sums.Injected, r) }
func (t *tally) addExtracted(r glsexport.Report) { t.add(&t.sums.Extracted, r) }

// add adds r to sum, one of t's.
func (t *tally) add(sum *glsexport.Report, r glsexport.Report) {
	t.mu.Lock()
	defer t.mu.Unlock()
	sum.Carried += r.Carried
	sum.Kept += r.Kept
	sum.Refused += r.Refused
	sum.Malformed += r.Malformed
	sum.Ambiguous += r.Ambiguous
	sum.Excess += r.Excess
}
