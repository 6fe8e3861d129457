//go:build !race

package gls_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed18162548/contextvars/gls"
)

// TestNestedSetsAllocate about three times each, however deep they go, in
// order: the price of new layouts of the storage is spread. Before Go 1.24 that
// holds up to two lists deep.
func TestNestedSetsAllocate(t *testing.T) {
	for _, depth := range nestings {
		vars := numbered(depth)
		tokens := make([]gls.Token[int], depth)
		for _, ground := range sizes {
			within(ground, vars[0], func() {
				allocs := testing.AllocsPerRun(50, func() {
					for i, v := range vars {
						tokens[i] = v.Set(i)
					}
					for i := range tokens {
						tokens[depth-1-i].Reset()
					}
				})
				// A layout copies one path of the trie or two, as the keys
				// fall, and the runtime allocates a little meanwhile.
				assert.LessOrEqual(t, allocs, 4*float64(depth)+2, "%d on %d", depth, ground)
			})
		}
	}
}

// TestSetInCopiesAllocates: what starts from a capture pays what it pays in the
// Context that was captured.
func TestSetInCopiesAllocates(t *testing.T) {
	v, other := gls.New[int]("v"), gls.New[int]("other")
	for _, n := range sizes {
		within(n, v, func() {
			f := gls.Wrap(func() { other.Set(1).Reset() })
			empty := gls.Wrap(func() {})
			with, without := testing.AllocsPerRun(100, f), testing.AllocsPerRun(100, empty)
			assert.LessOrEqual(t, with-without, 2.0, "among %d", n)
		})
	}
}
