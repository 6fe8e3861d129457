package glsexport

import (
	"net/url"
	"strings"

	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// Scrub returns h without the headers of vars, regardless of case, and without
// their members of the baggage. If h has none of these, Scrub returns h itself.
// Otherwise it returns a copy, which the caller may modify, and leaves h
// unchanged, because others may be reading it.
//
// Adapters scrub the requests of peers that they do not trust, so that no
// handler takes a stranger's word and no proxy repeats it.
//
// The other members of the baggage stay. If some have to be removed, Scrub
// rewrites the baggage as one header and is strict: it also drops members that
// are malformed or exceed the limits, and those that a parser that unescapes
// names or ignores their case could take for one of vars.
func Scrub[H ~map[string][]string](h H, vars ...Exported) H {
	own, members := names(vars)
	kept := glsadapter.Scrub(h, own...)
	if len(members) == 0 {
		return kept
	}
	key, headers := "", []string(nil)
	for k, values := range kept {
		if strings.EqualFold(k, BaggageHeader) {
			key, headers = k, append(headers, values...)
		}
	}
	b := ParseBaggage(headers...)
	rest := without(b.Members, members)
	if len(rest) == len(b.Members) && b.Malformed == 0 && b.Excess == 0 {
		return kept
	}
	kept = glsadapter.Scrub(kept, BaggageHeader)
	if len(rest) > 0 {
		var text memberList
		for _, m := range rest {
			text, _ = text.with(m) // what has grown too long is left out
		}
		kept[key] = []string{text.String()}
	}
	return kept
}

// names returns the names of vars: of those that have a header of their own,
// and of those that are members of the baggage.
func names(vars []Exported) (headers, members []string) {
	for _, e := range vars {
		switch {
		case e.name == "": // the zero Exported
		case e.header:
			headers = append(headers, e.name)
		default:
			members = append(members, e.name)
		}
	}
	return headers, members
}

// without returns the members that no parser could take for one of names.
func without(members []Member, names []string) []Member {
	var rest []Member
	for _, m := range members {
		if !similar(names, m.Key) {
			rest = append(rest, m)
		}
	}
	return rest
}

// similar reports whether a lenient parser could take key for one of names.
func similar(names []string, key string) bool {
	plain, err := url.QueryUnescape(key)
	if err != nil {
		return true
	}
	for _, name := range names {
		if strings.EqualFold(name, key) || strings.EqualFold(name, strings.TrimSpace(plain)) {
			return true
		}
	}
	return false
}
