package glsotel

import (
	"sync"

	"github.com/seed18162548/contextvars/gls/glsexport"
)

// Stats are what all propagators of this package have counted since the process
// started.
type Stats struct {
	Injected  glsexport.Report // sums over calls of Inject
	Extracted glsexport.Report // sums over calls of Extract
}

// ReadStats returns the counters. It takes one lock and may be called at any time.
func ReadStats() Stats {
	counters.mu.Lock()
	defer counters.mu.Unlock()
	return counters.sums
}

var counters tally

type tally struct {
	mu   sync.Mutex
	sums Stats // guarded by mu
}

func (t *tally) injected(r glsexport.Report)  { t.add(&t.sums.Injected, r) }
func (t *tally) extracted(r glsexport.Report) { t.add(&t.sums.Extracted, r) }

// add adds r to sum, one of t's.
func (t *tally) add(sum *glsexport.Report, r glsexport.Report) {
	if r == (glsexport.Report{}) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	sum.Carried += r.Carried
	sum.Kept += r.Kept
	sum.Refused += r.Refused
	sum.Malformed += r.Malformed
	sum.Ambiguous += r.Ambiguous
	sum.Excess += r.Excess
}
