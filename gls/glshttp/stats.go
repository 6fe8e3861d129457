package glshttp

import (
	"sync/atomic"

	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// Stats are what the adapters of this package have counted since the process
// started, over all servers and clients.
type Stats struct {
	Requests   uint64 // served by a Handler
	Leaky      uint64 // requests that left something bound, in a Handler or a TimeoutHandler
	Leaks      []Leak // what they left bound, the most frequent first
	RefusedIDs uint64 // request IDs of clients that were replaced

	Injected  glsexport.Report // sums over the requests of Transports
	Extracted glsexport.Report // sums over the trusted requests of Extract
}

// A Leak is a variable that handlers left bound.
type Leak = glsadapter.Leak

// ReadStats returns the counters. It may be called at any time. It takes
// several locks one after the other, so the counters are not from a single
// instant.
func ReadStats() Stats {
	leaky, leaks := counters.leaks.Read()
	return Stats{
		Requests:   counters.requests.Load(),
		Leaky:      leaky,
		Leaks:      leaks,
		RefusedIDs: counters.refusedIDs.Load(),
		Injected:   counters.injected.Read(),
		Extracted:  counters.extracted.Read(),
	}
}

var counters struct {
	requests   atomic.Uint64
	refusedIDs atomic.Uint64
	leaks      glsadapter.LeakCounter
	injected   glsexport.Total
	extracted  glsexport.Total
}
