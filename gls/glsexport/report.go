package glsexport

// A Report says what became of the variables in one [Inject] or [Extract].
// Members of the baggage that belong to no exported variable are nobody's
// business: of those it counts only the malformed and the excess ones.
type Report struct {
	Carried   int // variables written, or bindings read
	Kept      int // not written: the carrier had the header before, or the name occurs twice
	Refused   int // the codec refused, or the text cannot stand in a header
	Malformed int // baggage members that could not be parsed
	Ambiguous int // variables for which there were several, different values
	Excess    int // baggage members beyond the limits
}

// Dropped returns the number of things left out because something was wrong
// with them.
func (r Report) Dropped() int { return r.Refused + r.Malformed + r.Ambiguous + r.Excess }
