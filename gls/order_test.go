package gls_test

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
)

// permutations calls f with every order of n numbers.
func permutations(n int, f func(order []int)) {
	order := make([]int, n)
	for i := range order {
		order[i] = i
	}
	var permute func(k int)
	permute = func(k int) {
		if k == n {
			f(order)
			return
		}
		for i := k; i < n; i++ {
			order[k], order[i] = order[i], order[k]
			permute(k + 1)
			order[k], order[i] = order[i], order[k]
		}
	}
	permute(0)
}

// numbered returns n new variables.
func numbered(n int) []*gls.Var[int] {
	vs := make([]*gls.Var[int], n)
	for i := range vs {
		vs[i] = gls.New[int](fmt.Sprint("v", i))
	}
	return vs
}

// A sequence is a number of Sets whose tokens are reset in some order, with a
// map as the model.
type sequence struct {
	vars   []*gls.Var[int]
	values map[int]int // by variable
	tokens []gls.Token[int]
	which  []int // the variable of a token
	before []map[int]int
}

func newSequence(vars []*gls.Var[int]) *sequence {
	return &sequence{vars: vars, values: map[int]int{}}
}

func (s *sequence) set(i, x int) {
	was := map[int]int{}
	if old, ok := s.values[i]; ok {
		was[i] = old
	}
	s.tokens = append(s.tokens, s.vars[i].Set(x))
	s.which = append(s.which, i)
	s.before = append(s.before, was)
	s.values[i] = x
}

// reset resets the n-th Set.
func (s *sequence) reset(n int) {
	i := s.which[n]
	s.vars[i].Reset(s.tokens[n])
	if old, ok := s.before[n][i]; ok {
		s.values[i] = old
	} else {
		delete(s.values, i)
	}
}

// check compares the current Context with the map.
func (s *sequence) check(t *testing.T, context ...any) {
	t.Helper()
	c := gls.CopyContext()
	require.Equal(t, len(s.values), c.Len(), context...)
	for i, v := range s.vars {
		x, ok := v.Lookup()
		want, bound := s.values[i]
		if ok != bound || x != want {
			require.Failf(t, "wrong binding", "variable %d is %d, %t; want %d, %t (%v)", i, x, ok, want, bound, context)
		}
	}
	seen := 0
	c.Range(func(v gls.AnyVar, x any) bool {
		require.Equal(t, v.(*gls.Var[int]).Get(), x, context...)
		seen++
		return true
	})
	require.Equal(t, len(s.values), seen, context...)
}

// TestResetInAnyOrder resets five Sets in each of 120 orders: of one variable,
// of two that alternate, of five, and of those on top of so many others that
// the storage is laid out anew in between.
func TestResetInAnyOrder(t *testing.T) {
	for _, row := range []struct {
		name         string
		vars, ground int // number of variables that are set, and of those that are bound before
	}{
		{"one", 1, 0}, {"two", 2, 0}, {"five", 5, 0},
		{"one on six", 1, 6}, {"two on six", 2, 6}, {"five on four", 5, 4}, {"five on six", 5, 6},
		{"two on eight", 2, 8}, {"five on forty", 5, 40}, {"three on three hundred", 3, 300},
	} {
		t.Run(row.name, func(t *testing.T) {
			vars := numbered(row.vars + row.ground)
			n := 0
			permutations(5, func(order []int) {
				if n++; row.ground >= 40 && n%7 != 0 {
					return // only a sample, because checking all variables takes long
				}
				gls.NewContext().Run(func() {
					s := newSequence(vars)
					for i := 0; i < row.ground; i++ {
						s.set(row.vars+i, i)
					}
					for n := range order {
						s.set(n%row.vars, 100+n)
					}
					s.check(t, order)
					for _, n := range order {
						s.reset(row.ground + n)
						s.check(t, order, n)
					}
					for n := row.ground - 1; n >= 0; n-- {
						s.reset(n)
					}
					s.check(t, order, "none on the ground")
				})
			})
		})
	}
}

// TestNestedResets nests Sets deeply, so that the storage is compacted several
// times, and resets them in order, in reverse, and in random order.
func TestNestedResets(t *testing.T) {
	for _, vars := range []int{1, 2, 3, 7, 8, 9, 16, 17, 40, 300} {
		for name, order := range map[string]func(n int) []int{
			"last in first out": func(n int) []int {
				o := make([]int, n)
				for i := range o {
					o[i] = n - 1 - i
				}
				return o
			},
			"first in first out": func(n int) []int {
				o := make([]int, n)
				for i := range o {
					o[i] = i
				}
				return o
			},
			"shuffled": rand.New(rand.NewSource(int64(vars))).Perm,
		} {
			t.Run(fmt.Sprint(vars, " variables ", name), func(t *testing.T) {
				s := newSequence(numbered(vars))
				const sets = 60
				for n := 0; n < sets; n++ {
					s.set(n*7%vars, n)
					s.check(t, n)
				}
				for _, n := range order(sets) {
					s.reset(n)
					s.check(t, n)
				}
				gls.Release()
			})
		}
	}
}

// TestThousandsOfVariables binds every second of 5,000 variables.
func TestThousandsOfVariables(t *testing.T) {
	const n = 5000
	s := newSequence(numbered(n))
	for i := 0; i < n; i += 2 {
		s.set(i, i)
	}
	s.check(t)
	inherited := gls.CopyContext()
	for _, i := range rand.New(rand.NewSource(1)).Perm(n / 2)[:n/2-10] {
		s.reset(i)
	}
	s.check(t)
	require.Equal(t, 10, gls.CopyContext().Len())
	require.Equal(t, n/2, inherited.Len(), "a copy changes")
	for i, v := range s.vars {
		x, ok := v.In(inherited)
		require.Equal(t, i%2 == 0, ok)
		if ok {
			require.Equal(t, i, x)
		}
	}
	last := gls.AnyVar(nil)
	inherited.Range(func(v gls.AnyVar, x any) bool {
		require.Equal(t, fmt.Sprint("v", x), v.Name())
		last = v
		return true
	})
	require.Equal(t, fmt.Sprint("v", n-2), last.Name(), "not in the order in which they were made")
	gls.Release()
}
