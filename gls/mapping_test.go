package gls_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
)

func TestMapping(t *testing.T) {
	a, b := gls.New("a", gls.Default(1)), gls.New[string]("b")
	c := gls.NewContext()
	require.Zero(t, c.Len())
	require.False(t, c.Has(a), "a default is in the Context")
	_, ok := a.In(c)
	require.False(t, ok)
	c.Run(func() {
		b.Set("x")
		b.Set("y")
		a.Set(0)
	})
	require.Equal(t, 2, c.Len())
	require.True(t, c.Has(a))
	require.True(t, c.Has(b))
	x, ok := a.In(c)
	require.True(t, ok)
	require.Zero(t, x)
	require.Equal(t, []any{a, 0, b, "y"}, ranged(c))
}

// ranged returns what Range shows, variables and values alternating.
func ranged(c *gls.Context) (pairs []any) {
	c.Range(func(v gls.AnyVar, x any) bool {
		pairs = append(pairs, v, x)
		return true
	})
	return pairs
}

func TestRangeStops(t *testing.T) {
	c := laidOutAnew(gls.NewContext())
	n := 0
	c.Range(func(gls.AnyVar, any) bool { n++; return n < 3 })
	require.Equal(t, 3, n)
}

// TestRangeShowsOneMoment checks that Range does not show what f changes, and
// that f may enter Contexts and take locks.
func TestRangeShowsOneMoment(t *testing.T) {
	c := laidOutAnew(gls.NewContext())
	n := 0
	c.Range(func(v gls.AnyVar, x any) bool {
		require.Equal(t, n, x)
		n++
		c.Run(func() {
			for _, f := range fillers {
				f.Set(-1)
			}
		})
		elsewhere(func() { assert.Equal(t, len(fillers), c.Len()); fillers[0].Set(1) })
		gls.ReadStats()
		return true
	})
	require.Equal(t, len(fillers), n)
}

// TestShadowedBindingsCountOnce sets variables again, at every depth of the
// storage.
func TestShadowedBindingsCountOnce(t *testing.T) {
	vars := numbered(12)
	s := newSequence(vars)
	for round := 0; round < 5; round++ {
		for i := range vars {
			for again := 0; again <= i%3; again++ {
				s.set((i*5+round*again)%len(vars), round)
				s.check(t, round, i, again)
			}
		}
	}
	gls.Release()
}

// TestEqualOfDifferentHistories checks that only the bindings count, not how
// they were made.
func TestEqualOfDifferentHistories(t *testing.T) {
	forth, back := gls.NewContext(), gls.NewContext()
	forth.Run(func() {
		for i, v := range fillers {
			v.Set(i)
		}
	})
	back.Run(func() {
		for round := 0; round < 2; round++ {
			for i := len(fillers) - 1; i >= 0; i-- {
				fillers[i].Set(i * round)
			}
		}
	})
	requireEqual(t, true, forth, back)
	back.Run(func() { fillers[7].Set(8) })
	requireEqual(t, false, forth, back)

	same, fewer := forth.Copy(), forth.Copy()
	same.Run(func() {
		fillers[3].With(99, func() { requireEqual(t, false, same, forth) })
	})
	requireEqual(t, true, same, forth)
	other := gls.New[int]("other")
	fewer.Run(func() { other.Set(3) })
	requireEqual(t, false, fewer, forth)
	swapped := contextOf(other, 3)
	requireEqual(t, false, swapped, contextOf(fillers[3], 3))
}
