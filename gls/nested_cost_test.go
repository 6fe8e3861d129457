//go:build !race

package gls_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed18162548/contextvars/gls"
)

// TestNestedSetsAllocate checks that nested Sets with Resets in order allocate
// about three times each, however deep they are, including compaction. Before
// Go 1.24 this holds for up to two lists.
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
				// A compaction copies one path of the trie or two, depending on the keys, and
				// the runtime allocates a little meanwhile.
				assert.LessOrEqual(t, allocs, 4*float64(depth)+2, "%d on %d", depth, ground)
			})
		}
	}
}

// TestSetInCopiesAllocates checks that a Set in a copy costs the same as in the
// Context that was copied.
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
