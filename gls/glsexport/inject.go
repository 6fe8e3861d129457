package glsexport

import "strings"

// Inject writes to c those of vars that are bound in the current Context;
// defaults are not written. A header that c has already, even an empty one, is
// left alone: whoever wrote it meant it. That goes for the baggage as a whole,
// because a header with two authors would be subject to the limits, and to the
// mistakes, of both. Of two vars of the same name the first counts.
//
// What the codec refuses is left out. If the baggage would exceed [MaxMembers]
// or [MaxBytes], members are left out whole, from the end of vars. Nothing that
// is written contains control characters, whatever a codec returns.
func Inject(c Carrier, vars ...Exported) Report {
	var (
		rep     Report
		looked  bool
		taken   []string // names of headers, once looked
		baggage strings.Builder
		members []string // their keys
		full    bool
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
			rep.Kept++
		case err != nil, e.header && !fitsHeader(text):
			rep.Refused++
		case e.header:
			c.Set(e.name, text)
			taken = append(taken, e.name)
			rep.Carried++
		default:
			member := Member{Key: e.name, Value: text}.String()
			if len(members) > 0 {
				member = "," + member
			}
			if full = full || len(members) == MaxMembers || baggage.Len()+len(member) > MaxBytes; full {
				rep.Excess++
				continue
			}
			baggage.WriteString(member)
			members = append(members, e.name)
			rep.Carried++
		}
	}
	if len(members) > 0 {
		c.Set(BaggageHeader, baggage.String())
	}
	return rep
}

// has reports whether name is one of names, in whatever case.
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

// fitsHeader reports whether s arrives as it is if it is all that a header has:
// printable ASCII, not empty, and no spaces at the ends, where they get lost.
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
