package glsnats

import (
	"sync/atomic"
	"time"

	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glsexport"
)

// Stats are what a [Client] has counted.
type Stats struct {
	Submitted  uint64 // jobs that were stored
	Duplicates uint64 // jobs that were not, because their ID was there already
	Retried    uint64 // attempts that were made again, to store a job or to reach the server

	Runs        uint64 // jobs that came, again and again included
	Redelivered uint64 // of these, those that came again
	Done        uint64 // functions that returned nil
	Failed      uint64 // functions that did not
	Dead        uint64 // jobs that became dead letters
	Leaky       uint64 // functions that left something bound
	Leaks       []Leak // what they left bound, the most frequent first

	Running  int     // jobs that are held now: they run, or wait to
	Oldest   Running // of these, the one that is held for longest
	Overtime uint64  // functions that run now although their TimeLimit is over

	Oversize  uint64           // jobs that went or ran without variables, because of MaxHeaderBytes
	Injected  glsexport.Report // sums over the jobs that were submitted
	Extracted glsexport.Report // sums over the jobs that ran
}

// A Leak is a variable that functions left bound.
type Leak = glsadapter.Leak

// A Running is a job that runs.
type Running struct {
	Name, ID string
	For      time.Duration // since it came
}

// Stats returns the counters. They are not of one instant.
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
