package gls_test

import (
	"math/rand"
	"runtime"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

// A tracked value counts the tracked values that are alive.
type tracked struct {
	alive *atomic.Int64
	_     [4]int
}

func track(alive *atomic.Int64) *tracked {
	x := &tracked{alive: alive}
	alive.Add(1)
	runtime.SetFinalizer(x, func(x *tracked) { x.alive.Add(-1) })
	return x
}

// TestNoChains calls Set again and again, in many patterns, without Resets or
// with Resets in the wrong order. Afterwards only the bound values and a
// handful of others are alive.
func TestNoChains(t *testing.T) {
	sets := 100_000
	if raceEnabled || !gls.ReadStats().FastID {
		sets = 10_000
	}
	const handful = 24 // a list of eight in front of the trie, and those being set
	random := rand.New(rand.NewSource(1))
	for _, row := range []struct {
		name string
		vars int
		// next does the n-th step; token is the token of the previous Set.
		next func(vars []*gls.Var[*tracked], x *tracked, n int, last *gls.Token[*tracked])
	}{
		{"one variable", 1, setRoundRobin},
		{"two in turn", 2, setRoundRobin},
		{"nine in turn", 9, setRoundRobin},
		{"forty in turn", 40, setRoundRobin},
		{"at random", 20, func(vars []*gls.Var[*tracked], x *tracked, n int, _ *gls.Token[*tracked]) {
			vars[random.Intn(len(vars))].Set(x)
		}},
		{"one often, others seldom", 10, func(vars []*gls.Var[*tracked], x *tracked, n int, _ *gls.Token[*tracked]) {
			if n%100 == 0 {
				vars[1+random.Intn(len(vars)-1)].Set(x)
			} else {
				vars[0].Set(x)
			}
		}},
		{"resets out of order", 3, func(vars []*gls.Var[*tracked], x *tracked, n int, last *gls.Token[*tracked]) {
			token := vars[n%len(vars)].Set(x)
			if n%3 == 2 {
				last.Reset()
			}
			*last = token
		}},
		{"set twice, the first is reset", 2, func(vars []*gls.Var[*tracked], x *tracked, n int, last *gls.Token[*tracked]) {
			token := vars[n/2%2].Set(x)
			if n%2 == 1 {
				last.Reset()
			}
			*last = token
		}},
		{"copies", 12, func(vars []*gls.Var[*tracked], x *tracked, n int, _ *gls.Token[*tracked]) {
			vars[n%len(vars)].Set(x)
			gls.CopyContext().Run(func() { vars[n/2%len(vars)].Set(x) })
		}},
		{"within With", 3, func(vars []*gls.Var[*tracked], x *tracked, n int, _ *gls.Token[*tracked]) {
			vars[0].With(x, func() { vars[1].Set(x); vars[2].Set(x) })
		}},
		{"children", 3, func(vars []*gls.Var[*tracked], x *tracked, n int, _ *gls.Token[*tracked]) {
			vars[n%3].Set(x)
			if n%100 == 0 {
				spawn.Start(func() (int, error) { vars[0].Set(x); return 0, nil }).Wait()
			}
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			vars := make([]*gls.Var[*tracked], row.vars)
			for i := range vars {
				vars[i] = gls.New[*tracked]("v")
			}
			var alive atomic.Int64
			var last gls.Token[*tracked]
			for n := 0; n < sets; n++ {
				row.next(vars, track(&alive), n, &last)
			}
			last = gls.Token[*tracked]{}
			settle()
			require.LessOrEqual(t, alive.Load(), int64(row.vars+handful))
			require.LessOrEqual(t, gls.CopyContext().Len(), row.vars)
			gls.Release()
			settle()
			require.Zero(t, alive.Load(), "Release keeps values")
		})
	}
}

func setRoundRobin(vars []*gls.Var[*tracked], x *tracked, n int, _ *gls.Token[*tracked]) {
	vars[n%len(vars)].Set(x)
}

// TestLastResetKeepsNothing checks that the last Reset keeps alive neither the
// value nor what was bound before.
func TestLastResetKeepsNothing(t *testing.T) {
	v := gls.New[*tracked]("v")
	fillers := numbered(20)
	var alive atomic.Int64
	func() {
		defer v.Set(track(&alive)).Reset()
		defer v.Set(track(&alive)).Reset()
		for i, f := range fillers {
			defer f.Set(i).Reset()
		}
		defer v.Set(track(&alive)).Reset()
		gls.Wrap(func() { v.Set(track(&alive)) })()
		gls.Isolate(func() { v.Set(track(&alive)) })
		elsewhere(func() { defer gls.Release(); v.Set(track(&alive)) })
		spawn.Start(func() (int, error) { v.Set(track(&alive)); return 0, nil }).Wait()
	}()
	settle()
	require.Zero(t, alive.Load())
}

// TestTheDeadKeepNothing checks that the values of goroutines that ended
// without a Reset are collected by the second collection at the latest.
func TestTheDeadKeepNothing(t *testing.T) {
	if !gls.ReadStats().FastLiveness {
		// With dumps alone they are removed when there are clearly more entries than
		// goroutines, so a few may stay.
		return
	}
	v := gls.New[*tracked]("v")
	var alive atomic.Int64
	swarm(1000, func(int) { v.Set(track(&alive)) })
	settle()
	settle()
	require.Zero(t, alive.Load())
}
