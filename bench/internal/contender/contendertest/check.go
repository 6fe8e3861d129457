// Package contendertest checks that contenders do what they are timed for.
package contendertest

import (
	"testing"

	"github.com/seed18162548/contextvars/bench/internal/contender"
)

// Gain returns how much n operations of loop keep.
func Gain(loop contender.Loop, n int) int {
	before := contender.Kept()
	loop(n)
	return contender.Kept() - before
}

// Check fails t if the operations of c do not read what they bind: a contender
// that reads nothing would be fast.
func Check(t *testing.T, c contender.Contender) {
	t.Helper()
	expect := func(op string, prepare contender.Case, each int) {
		t.Helper()
		const n = 10
		prepare(func(loop contender.Loop) {
			if got := Gain(loop, n); got != n*each {
				t.Errorf("%s of %s read %d in %d operations, want %d", op, c.Name, got, n, n*each)
			}
		})
	}
	for _, vars := range []int{1, 8, contender.MaxVars} {
		expect("Get", c.Get(vars), contender.Value(0))
		expect("GetNewest", c.GetNewest(vars), contender.Value(0))
		if c.GetLatency != nil {
			expect("GetLatency", c.GetLatency(vars), contender.Value(0))
		}
	}
	if c.GetTurn != nil {
		c.GetTurn()(func(loop contender.Loop) {
			want := 0
			for i := 0; i < 8; i++ {
				want += contender.Value(i)
			}
			if got := Gain(loop, 8); got != want {
				t.Errorf("eight GetTurns of %s read %d, want %d", c.Name, got, want)
			}
		})
	}
	// In this order: a contender whose Get binds must not find that here.
	for _, vars := range []int{0, 8} {
		expect("Unset", c.Unset(vars), 0)
	}
	if c.Request != nil {
		request, user, tenant := contender.Identity()
		expect("Request", c.Request(), 4*len(request)+3*len(user)+3*len(tenant))
	}
	for _, prepare := range []func(int) contender.Case{c.Set, c.Rebind, c.Copy, c.Spawn} {
		if prepare != nil {
			prepare(2)(func(loop contender.Loop) { loop(3) })
		}
	}
	if c.Hold != nil {
		parked := false
		c.Hold(func() { parked = true })
		if !parked {
			t.Errorf("Hold of %s does not park", c.Name)
		}
		c.Leave()
	}
}
