package glsadapter

import "strings"

// VisibleID reports whether id has 1 to most bytes, all of them visible ASCII.
// No other ID may be accepted from outside, because it could forge log lines or
// headers.
func VisibleID(id string, most int) bool {
	if id == "" || len(id) > most {
		return false
	}
	for i := 0; i < len(id); i++ {
		if id[i] <= ' ' || id[i] > '~' {
			return false
		}
	}
	return true
}

// PlainID reports whether id has only letters and digits of ASCII and
// -_.~:/+=@, which have no special meaning in log formats, shells, queries and
// pages.
func PlainID(id string) bool {
	for i := 0; i < len(id); i++ {
		if !plain[id[i]] {
			return false
		}
	}
	return true
}

// plain is the set of the bytes that PlainID accepts.
var plain = func() (set [256]bool) {
	const others = "-_.~:/+=@"
	for c := range set {
		set[c] = '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' ||
			strings.IndexByte(others, byte(c)) >= 0
	}
	return set
}()
