//go:build !race

package gls_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
)

// TestNestedSetsAllocate at most three times each, however deep they go, in
// order: the price of new layouts of the storage is spread.
func TestNestedSetsAllocate(t *testing.T) {
	for _, depth := range []int{2, 7, 8, 9, 10, 16, 17, 40} {
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
				assert.LessOrEqual(t, allocs/float64(depth), 3.0, "%d on %d", depth, ground)
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
			assert.LessOrEqual(t, with-without, 3.0, "among %d", n)
		})
	}
}

// TestEqualOfEmptyArrays: reflect says that an empty array of what cannot be
// compared can be compared, and == panics.
func TestEqualOfEmptyArrays(t *testing.T) {
	type element struct{ f func() }
	type holder struct{ none [0]element }
	require.NotPanics(t, func() {
		v := gls.New[any]("v")
		for _, x := range []any{[0]element{}, holder{}, [1]holder{}, struct{ x any }{[0]element{}}} {
			a, b := contextOf(v, x), contextOf(v, x)
			a.Equal(b)
			requireEqual(t, true, a, laidOutAnew(a).Copy())
		}
	})
}

// TestEmptyArraysEqualThemselves: the value of an empty array of functions is
// not comparable, and its binding has to carry an identity.
func TestEmptyArraysEqualThemselves(t *testing.T) {
	sameBinding(t, "array", [0]func(){})
}
