package glsexport

import "github.com/seed18162548/contextvars/gls"

// Extract reads vars from c and returns what to bind, for [gls.With]:
//
//	bindings, report := glsexport.Extract(carrier, exports...)
//	gls.With(handle, bindings...)
//
// It binds nothing itself, and is for trusted peers only; see [Scrub] for the
// others. It leaves out values that the codec refuses, and variables for which
// c has several different values, because choosing one would be guessing. If
// vars has a variable under two names and c has both, the one that comes later
// in vars wins.
func Extract(c Carrier, vars ...Exported) ([]gls.Binding, Report) {
	var (
		rep      Report
		bindings []gls.Binding
		baggage  Baggage
		parsed   bool
	)
	for _, e := range vars {
		if e.decode == nil {
			continue
		}
		if !e.header && !parsed {
			baggage = ParseBaggage(values(c, BaggageHeader)...)
			rep.Malformed, rep.Excess, parsed = baggage.Malformed, baggage.Excess, true
		}
		text, found, differ := e.find(c, baggage.Members)
		switch {
		case !found:
			continue
		case differ:
			rep.Ambiguous++
			continue
		case e.header && !fitsHeader(text):
			rep.Refused++
			continue
		}
		binding, err := e.decode(text)
		if err != nil {
			rep.Refused++
			continue
		}
		if bindings == nil {
			bindings = make([]gls.Binding, 0, len(vars))
		}
		bindings = append(bindings, binding)
		rep.Carried++
	}
	return bindings, rep
}

// find returns the text that c has for e, and reports whether there is any, and
// whether there are several that differ. members is the baggage of c.
func (e Exported) find(c Carrier, members []Member) (text string, found, differ bool) {
	see := func(s string) {
		differ = differ || found && s != text
		text, found = s, true
	}
	if e.header {
		for _, value := range values(c, e.name) {
			see(value)
		}
		return text, found, differ
	}
	for _, m := range members {
		if m.Key == e.name {
			see(m.Value)
		}
	}
	return text, found, differ
}
