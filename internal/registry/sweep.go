package registry

import (
	"runtime"
	"sync/atomic"
	"time"

	"github.com/seed18162548/contextvars/internal/goroutine"
)

// A sweep removes the entries of goroutines that have ended. goroutine.Ended
// returns true only for goroutines that will never run again, so a sweep and an
// owner never access the same State. A shard is swept when its table is
// replaced (see copySlots), and shards are swept after garbage collections (see
// pass).

// sweepSlots is the number of slots that a sweep checks before it releases the
// lock for others: some 80 States, each of which, and its g, may have to be
// fetched from memory.
const sweepSlots = 128

// swept are counters of sweeps.
var swept struct{ shards, entries atomic.Uint64 }

// sweep removes the entries of ended goroutines. It returns about how many
// entries it checked, and how many it removed. It requires FastLiveness. It
// takes the lock for sweepSlots at a time.
func (sh *shard) sweep() (entries, found int) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	if entries = int(sh.live); entries == 0 {
		return 0, 0
	}
	swept.shards.Add(1)
	t := sh.table.Load()
	// Backwards, so that a run of them becomes empty rather than tombstones.
	for i := t.mask + 1; i > 0; {
		for n := 0; n < sweepSlots && i > 0; n++ {
			i--
			if s := t.slot(i).Load(); s != nil && s != tombstone && ended(s) {
				sh.discard(t, i, s)
				found++
			}
		}
		if i == 0 {
			break
		}
		sh.pause()
		if now := sh.table.Load(); now != t {
			// Start again with the new table. This will not go on forever, because each
			// replacement itself removes the entries of ended goroutines.
			t, i = now, now.mask+1
		}
	}
	return entries, found
}

// each calls f with every State in the table, under mu. After every sweepSlots
// slots it releases mu for others. If the table is replaced meanwhile, it calls
// restart and begins again. A State that is removed and inserted meanwhile may
// be visited twice or not at all.
func (sh *shard) each(f func(*State), restart func()) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	t := sh.table.Load()
	for i := uint64(0); ; {
		for end := min(i+sweepSlots, t.mask+1); i < end; i++ {
			if s := t.slot(i).Load(); s != nil && s != tombstone {
				f(s)
			}
		}
		if i > t.mask {
			return
		}
		sh.pause()
		if now := sh.table.Load(); now != t {
			restart()
			t, i = now, 0
		}
	}
}

// pause releases the lock and yields the processor. If the runtime preempted
// this goroutine under the lock, all others would have to wait.
func (sh *shard) pause() {
	sh.mu.Unlock()
	runtime.Gosched()
	sh.mu.Lock()
}

// discard removes the entry of s, whose goroutine has ended, from slot i of t,
// the shard's table. mu must be held.
func (sh *shard) discard(t *table, i uint64, s *State) {
	id := s.ID()
	sh.takeSlot(t, i, s, hash(id))
	swept.entries.Add(1)
	if sh.records != nil {
		sh.forgetEntry(id)
	}
}

// ended reports whether the goroutine of s has ended. It requires FastLiveness.
func ended(s *State) bool {
	return s.handle != nil && goroutine.Ended(s.handle, s.ID())
}

// Sweep removes the entries of all goroutines that have ended, and frees the
// memory of tables that have become too large.
func Sweep() {
	if !goroutine.FastLiveness {
		sweepByDump()
		return
	}
	passes.mu.Lock() // a pass in the middle of a shard would keep Sweep from that shard
	defer passes.mu.Unlock()
	for i := range shards {
		shards[i].sweep()
		shards[i].shrink()
	}
}

// watched reports whether a sentinel is waiting for the next garbage
// collection.
var watched atomic.Bool

// A sentinel is an object whose only purpose is to become garbage. It is large
// enough not to share an allocation with anything that stays reachable.
type sentinel struct{ _ [32]byte }

// watch makes sure that the entries of ended goroutines are removed. It is
// called after an insertion, without a lock, if there is no sentinel or if a
// table was full.
func watch(full bool) {
	if watched.CompareAndSwap(false, true) {
		runtime.SetFinalizer(new(sentinel), afterCollection)
	}
	if full && !goroutine.FastLiveness {
		trySweepByDump(0)
	}
}

// afterCollection sweeps after a garbage collection, on the runtime's finalizer
// goroutine, and sets the finalizer of the sentinel again as long as there are
// entries. The library itself has no goroutines and no timers.
func afterCollection(s *sentinel) {
	if goroutine.FastLiveness {
		pass()
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
