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
func Inject(c Carrier, vars ...Exported) Report { return inject(c, vars, false) }

// Overwrite is like [Inject] but replaces the headers and the baggage members
// that c has for variables that are bound. Other members stay, in front of
// those of vars, as far as there is room within the limits. Malformed ones are
// dropped.
//
// Overwrite leaves alone what c says about variables that are not bound or that
// their codec refuses. Call [Scrub] first if c is to contain only what is
// bound.
func Overwrite(c Carrier, vars ...Exported) Report { return inject(c, vars, true) }

// inject is Overwrite if over is true and Inject if not. It is one function
// because what it collects stays on its stack then: usually nothing is
// allocated but what is written.
func inject(c Carrier, vars []Exported, over bool) (report Report) {
	var (
		few  [2][8]string
		room [256]byte

		looked  = over
		taken   = few[0][:0] // names of headers that are not to be written, once looked
		members = few[1][:0] // the keys in baggage
		baggage = memberList{text: room[:0]}
	)
	for _, e := range vars {
		if e.encode == nil {
			continue
		}
		text, bound, err := e.encode()
		if !bound {
			continue
		}
		if !looked {
			taken, looked = append(taken, c.Keys()...), true
		}
		switch {
		case e.header && has(taken, e.name), !e.header && (has(taken, BaggageHeader) || contains(members, e.name)):
			report.Kept++
			continue
		case err != nil, e.header && !fitsHeader(text):
			report.Refused++
			continue
		case e.header:
			c.Set(e.name, text)
			taken = append(taken, e.name)
		default:
			var ok bool
			if baggage, ok = baggage.with(Member{Key: e.name, Value: text}); !ok {
				report.Excess++
				continue
			}
			members = append(members, e.name)
		}
		report.Carried++
	}
	switch {
	case len(members) == 0:
	case over:
		rest := without(ParseBaggage(values(c, BaggageHeader)...).Members, members)
		c.Set(BaggageHeader, baggage.behind(rest))
	default:
		c.Set(BaggageHeader, baggage.String())
	}
	return report
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
