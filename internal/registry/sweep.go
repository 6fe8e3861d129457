package registry

import (
	"runtime"
	"sync/atomic"
	"time"

	"github.com/seed18162548/contextvars/internal/goroutine"
)

// A sweep removes the entries of goroutines that have ended. It never touches
// a live one's: goroutine.Ended is true only of goroutines that will never run
// again, so a sweep and an owner never work on the same State. A shard is swept
// when it would grow, and all are after garbage collections.

// sweep removes the entries of ended goroutines. mu must be held. Without
// FastLiveness it does nothing: the slow way is in dumpsweep.go.
func (sh *shard) sweep() {
	if !goroutine.FastLiveness {
		return
	}
	t := sh.table.Load()
	// Backwards, so that a run of them becomes empty rather than tombstones.
	for i := t.mask + 1; i > 0; {
		i--
		if s := t.slot(i).Load(); s != nil && s != tombstone && ended(s) {
			sh.discard(t, i, s)
		}
	}
	sh.sweeps++
}

// discard removes the entry of s, whose goroutine has ended, from slot i of t,
// the shard's table. mu must be held.
func (sh *shard) discard(t *table, i uint64, s *State) {
	sh.taken -= t.clear(i)
	sh.live--
	sh.reclaimed++
	if sh.records != nil {
		sh.forgetEntry(s.ID())
	}
}

// ended reports whether the goroutine of s has ended. It requires FastLiveness.
func ended(s *State) bool {
	return s.handle != nil && goroutine.Ended(s.handle, s.ID())
}

// Sweep removes the entries of all goroutines that have ended, and gives back
// the memory of tables that have become too large. It locks one shard at a time.
func Sweep() {
	if !goroutine.FastLiveness {
		sweepByDump()
		return
	}
	for i := range shards {
		sh := &shards[i]
		sh.mu.Lock()
		if sh.live > 0 {
			sh.sweep()
		}
		sh.shrink()
		sh.mu.Unlock()
	}
}

const (
	// shrinkAbove and shrinkBelow keep a table that is swept and filled again
	// from being rebuilt each time.
	shrinkAbove = 64 // slots
	shrinkBelow = 8  // shrink if fewer than one slot in so many is live
)

// shrink gives back most of an oversized table. mu must be held.
func (sh *shard) shrink() {
	if n := sh.table.Load().size(); n > shrinkAbove && sh.live < n/shrinkBelow {
		sh.rebuild()
	}
}

// watched reports that a sentinel is waiting for the next garbage collection.
var watched atomic.Bool

// A sentinel has no purpose but to become garbage. It is large enough not to
// share an allocation with anything that stays reachable.
type sentinel struct{ _ [32]byte }

// watch sees to it that ended goroutines are swept up. It is called after an
// insertion, without a lock, if not watched or if crowded: if a table was full.
func watch(crowded bool) {
	if watched.CompareAndSwap(false, true) {
		runtime.SetFinalizer(new(sentinel), afterCollection)
	}
	if crowded && !goroutine.FastLiveness {
		trySweepByDump(0)
	}
}

// afterCollection sweeps after a garbage collection, on the runtime's finalizer
// goroutine, and arms the sentinel again while there are entries. The library
// has no goroutine and no timer of its own.
func afterCollection(s *sentinel) {
	if goroutine.FastLiveness {
		Sweep()
	} else {
		trySweepByDump(time.Since(epoch))
	}
	if Live() > 0 {
		runtime.SetFinalizer(s, afterCollection)
		return
	}
	watched.Store(false)
	if Live() > 0 && watched.CompareAndSwap(false, true) {
		runtime.SetFinalizer(s, afterCollection) // an insertion saw watched just before
	}
}
