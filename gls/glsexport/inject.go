package glsexport

import "strings"

// Inject writes to c those of vars that are bound in the current Context; it
// does not write defaults. It leaves headers alone that c has already, even
// empty ones: somebody wrote them on purpose. This includes the baggage as a
// whole, because a header with two authors would be subject to the limits and
// the mistakes of both. If two of vars have the same name, the first one
// counts.
//
// Inject leaves out values that the codec refuses. If the baggage would exceed
// [MaxMembers] or [MaxBytes], it leaves out whole members, from the end of
// vars. It never writes control characters, whatever a codec returns.
//
// If strangers may have written to c, as in a proxy, use [Overwrite].
func Inject(c Carrier, vars ...Exported) Report {
	var in injection
	for _, e := range vars {
		in.keep(c, e)
	}
	if len(in.members) > 0 {
		c.Set(BaggageHeader, in.baggage.String())
	}
	return in.report
}

// Overwrite is like [Inject] but replaces the headers and the baggage members
// that c has for variables that are bound. Other members stay, in front of
// those of vars, as far as there is room within the limits. Malformed ones are
// dropped.
//
// Overwrite leaves alone what c says about variables that are not bound or that
// their codec refuses. Call [Scrub] first if c is to contain only what is
// bound.
func Overwrite(c Carrier, vars ...Exported) Report {
	in := injection{looked: true}
	for _, e := range vars {
		in.keep(c, e)
	}
	if len(in.members) > 0 {
		rest := without(ParseBaggage(values(c, BaggageHeader)...).Members, in.members)
		c.Set(BaggageHeader, in.baggage.behind(rest))
	}
	return in.report
}

// An injection is the state of one Inject or Overwrite.
type injection struct {
	report  Report
	looked  bool
	taken   []string // names of headers that are not to be written, once looked
	baggage memberList
	members []string // the keys in baggage
}

// keep writes the header of e to c, or adds e to the baggage, if it is bound.
func (in *injection) keep(c Carrier, e Exported) {
	if e.encode == nil {
		return
	}
	text, bound, err := e.encode()
	if !bound {
		return
	}
	if !in.looked {
		in.taken, in.looked = append(in.taken, c.Keys()...), true
	}
	switch {
	case e.header && has(in.taken, e.name), !e.header && (has(in.taken, BaggageHeader) || contains(in.members, e.name)):
		in.report.Kept++
	case err != nil, e.header && !fitsHeader(text):
		in.report.Refused++
	case e.header:
		c.Set(e.name, text)
		in.taken = append(in.taken, e.name)
		in.report.Carried++
	case in.baggage.add(Member{Key: e.name, Value: text}):
		in.members = append(in.members, e.name)
		in.report.Carried++
	default:
		in.report.Excess++
	}
}

// has reports whether name is one of names, regardless of case.
func has(names []string, name string) bool {
	for _, n := range names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

func contains(keys []string, key string) bool {
	for _, k := range keys {
		if k == key {
			return true
		}
	}
	return false
}

// fitsHeader reports whether s can be the value of a header without being
// changed on the way: whether it consists of printable ASCII, is not empty, and
// has no spaces at its ends, where they get lost.
func fitsHeader(s string) bool {
	if s == "" || len(s) > MaxBytes || s[0] == ' ' || s[len(s)-1] == ' ' {
		return false
	}
	for i := 0; i < len(s); i++ {
		if s[i] < 0x20 || s[i] > 0x7e {
			return false
		}
	}
	return true
}
