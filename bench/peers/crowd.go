package main

import (
	"fmt"
	"runtime"

	"golang.org/x/perf/benchfmt"

	"github.com/seed18162548/contextvars/bench/internal/contender"
)

// amongGoroutines measures Get of c in an old goroutine while more and more
// younger ones hold bindings too.
func amongGoroutines(c contender.Contender) func(*meter) error {
	return func(m *meter) error {
		old := m.enter(c.Get(1), 1)
		defer old.crew.Dismiss()
		crowd := contender.NewCrowd(c.Hold)
		defer crowd.Leave()
		for _, n := range m.goroutines {
			crowd.Grow(n - 1)
			runtime.GC()
			name := fmt.Sprintf("GetAmong/goroutines=%d/impl=%s", n, c.Name)
			err := m.narrow(make([]row, 1), func([]int) ([]float64, error) {
				// There is nothing to take turns with: the crowd
				// comes once.
				took := median(m.turns([]*entrant{old}), one(0))
				return []float64{took}, m.emit(name, old.n*m.rounds, benchfmt.Value{Value: took, Unit: "ns/op"})
			})
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// crowdBars measures the two bars of a crowd of others. In every count the
// crowd comes and goes: the old worker is timed before, during and after, the
// young one, which starts when the crowd is there, during.
func crowdBars(m *meter) error {
	us := named("gls")
	old := m.enter(us.Get(1), 1)
	defer old.crew.Dismiss()
	crowd := contender.NewCrowd(us.Hold)
	timed := func(e *entrant) float64 { return median(m.turns([]*entrant{e}), one(0)) }
	keys := []string{"get-crowd-old", "get-crowd-young"}
	return m.narrow(make([]row, len(keys)), func(which []int) ([]float64, error) {
		before := timed(old)
		crowd.Grow(m.crowd)
		young := &entrant{crew: contender.NewCrew(1, us.Get(1)), cores: 1, n: old.n}
		both := m.inTurn([]*entrant{old, young})
		young.crew.Dismiss()
		crowd.Leave()
		base := (before + timed(old)) / 2
		var ratios []float64
		for _, i := range which {
			took := median(both, one(i))
			err := m.emit("Bar/bar="+keys[i], old.n*m.rounds,
				benchfmt.Value{Value: took / base, Unit: "ratio"},
				benchfmt.Value{Value: took, Unit: "ns/op"},
				benchfmt.Value{Value: base, Unit: "base-ns/op"})
			if err != nil {
				return nil, err
			}
			ratios = append(ratios, took/base)
		}
		return ratios, nil
	})
}

// memory measures how much more a goroutine takes that holds one binding of c
// than a bare one.
func memory(c contender.Contender) func(*meter) error {
	return func(m *meter) error {
		filled := func(hold func(park func())) usage {
			crowd := contender.NewCrowd(hold)
			crowd.Grow(m.crowd)
			defer crowd.Leave()
			return used()
		}
		filled(nil) // the runtime keeps its goroutines: those are there from now on
		bare := filled(nil)
		for range m.counts {
			held := filled(c.Hold)
			each := func(held, bare uint64) float64 { return (float64(held) - float64(bare)) / float64(m.crowd) }
			heap, stack := each(held.heap, bare.heap), each(held.stack, bare.stack)
			err := m.emit(fmt.Sprintf("Memory/goroutines=%d/impl=%s", m.crowd, c.Name), m.crowd,
				benchfmt.Value{Value: heap + stack, Unit: "B/goroutine"},
				benchfmt.Value{Value: heap, Unit: "heap-B/goroutine"},
				benchfmt.Value{Value: stack, Unit: "stack-B/goroutine"})
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// dead measures what goroutines leave that bound a value and ended without
// unbinding it, if c lets them.
func dead(c contender.Contender) func(*meter) error {
	return func(m *meter) error {
		generations := func(live func()) {
			const size = 1000
			for born := 0; born < m.deaths; born += size {
				crowd := contender.NewCrowd(func(park func()) {
					live()
					park()
				})
				crowd.Grow(min(size, m.deaths-born))
				crowd.Leave()
			}
		}
		generations(func() {})
		const (
			most   = 10      // counts: each has a million goroutines
			enough = 1 << 30 // bytes that may be lost to a leak in all counts
		)
		lost := 0.0
		for i := 0; i < min(most, m.counts) && lost < enough; i++ {
			before := used()
			generations(c.Leave)
			after := used()
			kept := float64(after.heap) + float64(after.stack) - float64(before.heap) - float64(before.stack)
			lost += kept
			err := m.emit(fmt.Sprintf("Dead/goroutines=%d/impl=%s", m.deaths, c.Name), m.deaths, benchfmt.Value{Value: kept, Unit: "kept-B"})
			if err != nil {
				return err
			}
		}
		return nil
	}
}

// usage is what a process uses after two collections, in bytes.
type usage struct{ heap, stack uint64 }

// used runs two garbage collections, with finalizers in between, and returns
// what is left.
func used() usage {
	ran := make(chan struct{})
	runtime.SetFinalizer(&struct{ _ [64]byte }{}, func(any) { close(ran) })
	runtime.GC()
	<-ran
	runtime.GC()
	var stats runtime.MemStats
	runtime.ReadMemStats(&stats)
	return usage{stats.HeapAlloc, stats.StackInuse}
}
