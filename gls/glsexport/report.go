package glsexport

import "sync"

// A Report counts what happened to the variables in one [Inject], [Overwrite]
// or [Extract]. It counts baggage members that belong to no exported variable
// only if they are malformed or exceed the limits.
type Report struct {
	Carried   int // variables written, or bindings read
	Kept      int // not written because the carrier had the header before, or because the name occurs twice
	Refused   int // not accepted by the codec, or not possible in a header
	Malformed int // baggage members that could not be parsed
	Ambiguous int // variables for which there were several, different values
	Excess    int // baggage members beyond the limits
}

// Dropped returns the number of things left out because something was wrong
// with them.
func (r Report) Dropped() int { return r.Refused + r.Malformed + r.Ambiguous + r.Excess }

// Add adds the counts of other to those of r.
func (r *Report) Add(other Report) {
	r.Carried += other.Carried
	r.Kept += other.Kept
	r.Refused += other.Refused
	r.Malformed += other.Malformed
	r.Ambiguous += other.Ambiguous
	r.Excess += other.Excess
}

// A Total is a sum of Reports that any number of goroutines may add to at once.
// The zero Total is ready to use. It must not be copied.
type Total struct {
	mu  sync.Mutex
	sum Report // guarded by mu
}

// Add adds r to the sum. It takes the lock only if r counts anything.
func (t *Total) Add(r Report) {
	if r == (Report{}) {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sum.Add(r)
}

// Read returns the sum.
func (t *Total) Read() Report {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sum
}
