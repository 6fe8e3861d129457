package glsnats

import (
	"sync/atomic"
	"time"

	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// Stats holds the counters of a [Client].
type Stats struct {
	Submitted  uint64 // jobs that were stored
	Duplicates uint64 // jobs that were not stored, because a job with their ID was stored already
	Retried    uint64 // repeated attempts to store a job or to reach the server

	Runs        uint64 // deliveries of jobs
	Redelivered uint64 // those of them that were not the first of their job
	Done        uint64 // functions that returned nil
	Failed      uint64 // functions that did not return nil
	Dead        uint64 // jobs that became dead letters
	Leaky       uint64 // functions that left something bound
	Leaks       []Leak // what they left bound, the most frequent first

	Running  int     // jobs that are held now: they are running or waiting to run
	Oldest   Running // the one of them that has been held for longest
	Overtime uint64  // functions that are still running after their TimeLimit

	Oversize  uint64           // jobs that were sent or run without variables, because of MaxHeaderBytes
	Injected  glsexport.Report // sums over the jobs that were submitted
	Extracted glsexport.Report // sums over the jobs that ran
}

// A Leak is a variable that functions left bound.
type Leak = glsadapter.Leak

// A Running is a running job.
type Running struct {
	Name, ID string
	For      time.Duration // time since it arrived
}

// Stats returns the counters. They are not from a single instant.
func (c *Client) Stats() Stats {
	n := &c.counters
	leaky, leaks := n.leaks.Read()
	s := Stats{
		Submitted:   n.submitted.Load(),
		Duplicates:  n.duplicates.Load(),
		Retried:     n.retried.Load(),
		Runs:        n.runs.Load(),
		Redelivered: n.redelivered.Load(),
		Done:        n.done.Load(),
		Failed:      n.failed.Load(),
		Dead:        n.dead.Load(),
		Leaky:       leaky,
		Leaks:       leaks,
		Overtime:    n.overtime.Load(),
		Oversize:    n.oversize.Load(),
		Injected:    n.injected.Read(),
		Extracted:   n.extracted.Read(),
	}
	for _, w := range c.workers() {
		s.Running += w.fetcher.Holding()
		if d, held, ok := w.fetcher.Oldest(); ok && held > s.Oldest.For {
			s.Oldest = Running{Name: w.name, ID: d.job.ID, For: held}
		}
	}
	return s
}

type counters struct {
	submitted, duplicates, retried        atomic.Uint64
	runs, redelivered, done, failed, dead atomic.Uint64
	overtime, oversize                    atomic.Uint64
	leaks                                 glsadapter.LeakCounter
	injected, extracted                   glsexport.Total
}
