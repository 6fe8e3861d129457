package glsfasthttp

import (
	"sync/atomic"

	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// A Leak is a variable that handlers left bound.
type Leak = glsadapter.Leak

// Stats are what the middleware of this package has counted since the process
// started, over all servers.
type Stats struct {
	Requests   uint64 // served by a Handler
	Leaky      uint64 // those of them that left something bound
	Leaks      []Leak // what they left bound, the most frequent first
	RefusedIDs uint64 // request IDs of clients that were replaced
}

var counters struct {
	requests, refusedIDs atomic.Uint64
	leaks                glsadapter.LeakCounter
}

// ReadStats returns the counters. It may be called at any time. The counters
// are not from a single instant.
func ReadStats() Stats {
	s := Stats{Requests: counters.requests.Load(), RefusedIDs: counters.refusedIDs.Load()}
	s.Leaky, s.Leaks = counters.leaks.Read()
	return s
}
