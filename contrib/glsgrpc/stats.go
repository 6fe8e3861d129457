package glsgrpc

import (
	"sync/atomic"

	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// Stats are what the interceptors of this package have counted since the
// process started, over all servers and clients.
type Stats struct {
	Calls uint64 // served
	Leaky uint64 // those of them that left something bound
	Leaks []Leak // what they left bound, the most frequent first

	Injected  glsexport.Report // sums over calls made
	Extracted glsexport.Report // sums over trusted calls served
}

// A Leak is a variable that handlers left bound.
type Leak = glsadapter.Leak

// ReadStats returns the counters. It may be called at any time. It takes
// several locks one after the other, so the counters are not from a single
// instant.
func ReadStats() Stats {
	leaky, leaks := counters.leaks.Read()
	return Stats{
		Calls:     counters.calls.Load(),
		Leaky:     leaky,
		Leaks:     leaks,
		Injected:  counters.injected.Read(),
		Extracted: counters.extracted.Read(),
	}
}

var counters struct {
	calls     atomic.Uint64
	leaks     glsadapter.LeakCounter
	injected  glsexport.Total
	extracted glsexport.Total
}
