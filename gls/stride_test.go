package gls_test

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
)

// TestVariablesThatShareBits uses variables whose numbers are 8, 24 or 48
// apart, which share slots of the index, bits of the filter, or both. Bound
// ones must be found, and no others, in every order and depth.
func TestVariablesThatShareBits(t *testing.T) {
	all := numbered(20 * 48)
	random := rand.New(rand.NewSource(1))
	for _, stride := range []int{1, 3, 8, 16, 24, 48} {
		vars := make([]*gls.Var[int], 20)
		for i := range vars {
			vars[i] = all[i*stride]
		}
		t.Run(fmt.Sprint(stride), func(t *testing.T) {
			for n := 0; n < 40; n++ {
				random.Shuffle(len(vars), func(i, j int) { vars[i], vars[j] = vars[j], vars[i] })
				gls.Isolate(func() { nestTo(t, vars, 0) })
			}
		})
	}
}

// nestTo binds the variables from the n-th on, one inside the other, and the
// last one twice, and checks all of them each time.
func nestTo(t *testing.T, vars []*gls.Var[int], n int) {
	look := func(bound int, last int) {
		for i, v := range vars {
			x, ok := v.Lookup()
			require.Equal(t, i < bound, ok, "%d of %d", i, bound)
			want := 0
			if i < bound {
				want = i + 1
			}
			if i == bound-1 {
				want = last
			}
			require.Equal(t, want, x)
			require.Equal(t, want, v.Get())
		}
	}
	look(n, n)
	if n == len(vars) {
		return
	}
	defer look(n, n)
	defer vars[n].Set(n + 1).Reset()
	vars[n].With(-1, func() { look(n+1, -1) })
	nestTo(t, vars, n+1)
}
