package glsotel

import "github.com/seed18162548/contextvars/gls/glsexport"

// Stats are what all propagators of this package have counted since the process
// started.
type Stats struct {
	Injected  glsexport.Report // sums over calls of Inject
	Extracted glsexport.Report // sums over calls of Extract
}

// ReadStats returns the counters. It may be called at any time. It takes two
// locks one after the other.
func ReadStats() Stats {
	return Stats{counters.injected.Read(), counters.extracted.Read()}
}

var counters struct{ injected, extracted glsexport.Total }
