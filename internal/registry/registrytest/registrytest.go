// Package registrytest helps tests to find what goroutines leave in the
// registry.
package registrytest

import (
	"sort"

	"github.com/seed18162548/contextvars/internal/registry"
)

// A Holders is the set of goroutines that have an entry at one moment.
//
// Tests compare sets, and not the numbers that [gls.Live] returns: what
// goroutines of earlier tests left behind may be swept at any time, which makes
// a number smaller and would hide an entry that is new.
//
// [gls.Live]: https://pkg.go.dev/github.com/seed18162548/contextvars/gls#Live
type Holders map[int64]bool

// Now returns the goroutines that have an entry, ended ones included.
func Now() Holders {
	h := Holders{}
	for _, e := range registry.Entries() {
		h[e.ID] = true
	}
	return h
}

// New returns the IDs of the goroutines that have an entry now and had none in
// h, in the order in which they were started.
func (h Holders) New() []int64 {
	var ids []int64
	for id := range Now() {
		if !h[id] {
			ids = append(ids, id)
		}
	}
	sort.Slice(ids, func(i, j int) bool { return ids[i] < ids[j] })
	return ids
}
