//go:build go1.23

package gls_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
)

// TestAllShowsTheMomentOfTheRangeStatement checks that All shows the bindings
// at the start of the range statement, neither those at the call of All nor
// later changes.
func TestAllShowsTheMomentOfTheRangeStatement(t *testing.T) {
	a, b, later := gls.New[int]("a"), gls.New[int]("b"), numbered(2)
	c := contextOf(a, 1)
	all := c.All()
	c.Run(func() { b.Set(2) })
	for round := 0; round < 2; round++ { // the iterator may be used again
		n := 0
		for v, x := range all {
			n++
			require.Equal(t, x, n)
			require.Contains(t, []gls.AnyVar{a, b}, v)
			c.Run(func() { a.With(7, func() {}); later[round].Set(3) })
			if round == 1 {
				break
			}
		}
		require.Equal(t, 2-round, n)
	}
	require.Equal(t, 4, c.Len())
	for range gls.NewContext().All() {
		t.Error("a binding")
	}
}

// TestRangeOverFunc checks that the body of an iterator runs in the Context of
// the goroutine that ranges over it.
func TestRangeOverFunc(t *testing.T) {
	v := gls.New[int]("v")
	c := contextOf(v, 1)
	seq := func(yield func(int) bool) {
		for yield(v.Get()) {
		}
	}
	c.Run(func() {
		n := 0
		for x := range seq {
			require.Equal(t, n+1, x)
			n++
			v.Set(n + 1)
			if n == 3 {
				break
			}
		}
	})
}
