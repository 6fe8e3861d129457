package glsadapter

import (
	"reflect"
	"strings"
)

// Keys returns the keys of h, in no particular order. It implements the Keys
// method of carriers for the header maps of most protocols.
func Keys[H ~map[string]V, V any](h H) []string {
	keys := make([]string, 0, len(h))
	for key := range h {
		keys = append(keys, key)
	}
	return keys
}

// Scrub returns h without the headers called names, regardless of case. If h
// has none of them, Scrub returns h itself. Otherwise it returns a copy, which
// the caller may modify, and leaves h unchanged, because others may be reading
// it.
func Scrub[H ~map[string][]string](h H, names ...string) H {
	found := false
	for key := range h {
		if found = isOne(names, key); found {
			break
		}
	}
	if !found {
		return h
	}
	kept := make(H, len(h))
	for key, values := range h {
		if !isOne(names, key) {
			kept[key] = values[:len(values):len(values)] // append copies them
		}
	}
	return kept
}

// isOne reports whether key is one of names, regardless of case.
func isOne(names []string, key string) bool {
	for _, name := range names {
		if strings.EqualFold(name, key) {
			return true
		}
	}
	return false
}

// Same reports whether a and b are the same map. It tells whether [Scrub] made
// a copy.
func Same[H ~map[string][]string](a, b H) bool {
	return reflect.ValueOf(a).Pointer() == reflect.ValueOf(b).Pointer()
}
