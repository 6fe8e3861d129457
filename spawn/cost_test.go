//go:build !race

// The race detector allocates.

package spawn_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

// TestAllocations compares the functions that start goroutines with those that
// they replace, for different numbers of bound variables.
func TestAllocations(t *testing.T) {
	if !gls.ReadStats().FastID {
		// Traces of goroutines are taken then, which allocates.
		return
	}
	warm := gls.New[int]("warm")
	warm.With(1, func() {
		for i := 0; i < 5000; i++ { // until every shard has its table
			wait(spawn.Go, func() {})
		}
	})
	for _, n := range depths {
		undo := ground(n)
		done := make(chan struct{})
		f := func() { done <- struct{}{} }
		cost := func(start func(f func())) float64 {
			return testing.AllocsPerRun(200, func() { start(f); <-done })
		}
		plain := cost(func(f func()) { go f() })
		for name, start := range map[string]func(f func()){
			"Go":       spawn.Go,
			"Detached": spawn.Detached,
		} {
			assert.LessOrEqual(t, cost(start)-plain, 2.0, "%s, %d bound", name, n)
		}
		var wg spawn.WaitGroup
		assert.LessOrEqual(t, cost(wg.Go)-plain, 2.0, "WaitGroup.Go, %d bound", n)
		undo()
	}
}

// TestGatherAllocations checks that Gather allocates the results, and once for
// each goroutine.
func TestGatherAllocations(t *testing.T) {
	if !gls.ReadStats().FastID {
		return
	}
	fs := make([]func() (int, error), 8)
	for i := range fs {
		fs[i] = func() (int, error) { return 1, nil }
	}
	gather := func() { _, _ = spawn.Gather(fs...) }
	for i := 0; i < 1000; i++ { // until every shard has its table
		gather()
	}
	assert.LessOrEqual(t, testing.AllocsPerRun(200, gather), float64(3+len(fs)))
}
