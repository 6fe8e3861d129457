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
	Leaky      uint64 // of these, and of those of a TimeoutHandler, which left something bound
	Leaks      []Leak // what they left bound, the most frequent first
	RefusedIDs uint64 // request IDs that came in and were replaced

	Injected  glsexport.Report // sums over the requests of Transports
	Extracted glsexport.Report // sums over the trusted requests of Extract
}

// A Leak is a variable that handlers left bound.
type Leak = glsadapter.Leak

// ReadStats returns the counters. It takes some locks, one after the other, and
// may be called at any time; the counters are not of one instant.
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
