// Package glstest helps tests of code that uses package gls:
//
//	glstest.CheckLeaks(t)
//	glstest.Set(t, user, "ann")
//	glstest.Run(t, "subtest", func(t *testing.T) { … })
//
// A test and its subtests run on goroutines of their own, which inherit
// nothing. [Run] takes the place of t.Run and hands the bindings on, [Set]
// binds a variable for the rest of a test, and [CheckLeaks] fails a test that
// leaves bindings behind. docs/works-with.md shows what to use in testify's
// suites and in ginkgo.
package glstest

import (
	"runtime"
	"sort"
	"testing"
	"time"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/registry"
)

// Run is like t.Run but the subtest inherits a copy of the caller's bindings,
// as goroutines started by package spawn do: policies of variables apply, and
// what the subtest sets is invisible outside. The subtest's cleanups see the
// bindings too, even if it calls t.Parallel. Run reports whether f succeeded;
// if f is a parallel subtest, Run returns before f has run. A nil f panics as
// in t.Run.
func Run(t *testing.T, name string, f func(t *testing.T)) bool {
	t.Helper()
	root := current.Fork()
	return t.Run(name, func(t *testing.T) {
		// The first cleanup is the last to run, on this goroutine.
		t.Cleanup(current.Cleanup)
		current.Inherit(root)
		f(t)
	})
}

// Set binds v to x until the test and its subtests end, when a cleanup resets
// it. Set must be called on the test's goroutine, in the Context that is
// current when the test ends; otherwise the cleanup fails the test.
func Set[T any](t testing.TB, v *gls.Var[T], x T) {
	t.Helper()
	token := v.Set(x)
	t.Cleanup(func() {
		if err := v.TryReset(token); err != nil {
			t.Errorf("glstest.Set: %v", err)
		}
	})
}

const (
	// leakTries is chosen so that the growing pauses, of 1 ms to 32 ms, give
	// goroutines that are about to end half a second in total.
	leakTries    = 20
	longestPause = 32 * time.Millisecond
)

// CheckLeaks makes the test fail at its end if goroutines then hold state that
// held none when CheckLeaks was called. Call it first, so that it checks after
// all other cleanups. Goroutines that have ended are reclaimed first, and those
// that are about to end get half a second. CheckLeaks checks the whole process,
// so tests that run in parallel interfere with it.
func CheckLeaks(t testing.TB) {
	t.Helper()
	before := make(map[int64]bool)
	for _, id := range live() {
		before[id] = true
	}
	t.Cleanup(func() {
		t.Helper()
		var leaks []int64
		pause := time.Millisecond
		for i := 0; i < leakTries; i++ {
			leaks = leaks[:0]
			for _, id := range live() {
				if !before[id] {
					leaks = append(leaks, id)
				}
			}
			if len(leaks) == 0 {
				return
			}
			time.Sleep(pause)
			if pause < longestPause {
				pause *= 2
			}
		}
		t.Errorf("glstest.CheckLeaks: the test leaves bindings in %d goroutines: %v; "+
			"reset what they set, start them with spawn.Go, or end them", len(leaks), leaks)
	})
}

// live returns the sorted IDs of the goroutines that hold state and have not
// ended.
func live() []int64 {
	runtime.GC()
	registry.Sweep()
	var ids []int64
	for _, e := range registry.Entries() {
		if !e.Ended {
			ids = append(ids, e.ID)
		}
	}
	sort.Slice(ids, func(i, j int) bool { return ids[i] < ids[j] })
	return ids
}
