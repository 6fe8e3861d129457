//go:build !race

// The race detector changes what is allocated.

package bench

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed18162548/contextvars/bench/internal/contender"
)

// allocations returns how often one operation of loop allocates: what a loop
// allocates once does not count.
func allocations(loop contender.Loop) float64 {
	const operations = 100
	few := testing.AllocsPerRun(10, func() { loop(1) })
	many := testing.AllocsPerRun(10, func() { loop(1 + operations) })
	return (many - few) / operations
}

// TestAllocationContracts: what the documentation and the issue say about
// allocations holds in the very loops that are timed.
func TestAllocationContracts(t *testing.T) {
	ours := contender.GLS()
	tests := []struct {
		op      string
		prepare func(vars int) contender.Case
		vars    []int
		most    float64
	}{
		{"Get", ours.Get, []int{1, 8, 64, 128}, 0},
		{"GetNewest", ours.GetNewest, []int{1, 8, 64, 128}, 0},
		{"Unset", ours.Unset, []int{0, 1, 8, 64, 128}, 0},
		{"Set", ours.Set, []int{1, 2, 4}, 1},
		{"Copy", ours.Copy, []int{1, 8, 64, 128}, 1},
		{"Request", func(int) contender.Case { return ours.Request() }, []int{0}, 5},
	}
	for _, test := range tests {
		for _, n := range test.vars {
			t.Run(fmt.Sprintf("%s/vars=%d", test.op, n), func(t *testing.T) {
				test.prepare(n)(func(loop contender.Loop) {
					assert.LessOrEqual(t, allocations(loop), test.most)
				})
			})
		}
	}
}

// TestReferencesAreNotFavoured: the contender that others are measured against
// pays for what it has to pay in a program, a context and a boxed value.
func TestReferencesAreNotFavoured(t *testing.T) {
	contender.Context().Set(1)(func(loop contender.Loop) {
		assert.EqualValues(t, 2, allocations(loop))
	})
	contender.Context().Request()(func(loop contender.Loop) {
		assert.EqualValues(t, 6, allocations(loop))
	})
}

// TestServingAllocations: the bars on allocations of what is served.
func TestServingAllocations(t *testing.T) {
	count := func(c contender.Case) (n float64) {
		c(func(loop contender.Loop) { n = allocations(loop) })
		return n
	}
	for _, id := range []string{"", contender.ClientID} {
		assert.LessOrEqual(t, count(contender.IDServer(id)), count(contender.PlainServer(id))+5*contender.Connections, "ID %q", id)
	}
	assert.LessOrEqual(t, count(contender.LoggingGLS()), count(contender.LoggingContext()))
}

// TestLineAllocations: the bars on allocations of log lines.
func TestLineAllocations(t *testing.T) {
	count := func(c contender.Case) (n float64) {
		c(func(loop contender.Loop) { n = allocations(loop) })
		return n
	}
	for _, line := range contender.SlogLines() {
		assert.LessOrEqual(t, count(line.Ours), count(line.Explicit)+line.MoreAllocs, line.Name)
	}
}
