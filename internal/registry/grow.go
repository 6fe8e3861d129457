package registry

import "github.com/seed18162548/contextvars/internal/goroutine"

// A full table is replaced by another one, which is larger if the old one is
// full of entries, and of the same size or smaller if it is full of tombstones
// and of entries whose goroutines have ended. The next table is filled step by
// step, a few slots at each insertion. Until it is complete, only holders of
// the lock access it. Look-ups use the old table, which has all entries, so the
// argument in table.go does not depend on growth. Insertions and removals are
// made in the old table and, if they concern a slot that was already copied, in
// the next one as well.
//
// The next table therefore always has exactly the entries that are in the slots
// below copied. It is published when copied has reached the end.

// A growth is the state of a shard's next table. It is empty unless growing.
type growth struct {
	next     *table // nil while it is being allocated
	copied   int32  // number of slots of the table that are copied, from the first on
	nextUsed int32  // slots of next that are not empty
	growing  bool
}

const (
	// stepSlots is the number of slots that an insertion copies: some 20 States,
	// each of which may have to be fetched from memory, which takes a few
	// microseconds.
	stepSlots = 32
	// sampleSlots is the number of slots that are checked to estimate how many
	// entries belong to goroutines that have ended.
	sampleSlots = 64
)

// limit returns how many of n slots may be in use before the next table is
// begun. At this limit a look-up probes two States on average. The insertions
// that copy the table, one for every stepSlots slots, exceed it.
func limit(n int) int32 { return int32(n * 11 / 16) }

// brim returns how many of n slots may be in use before insertions have to
// complete the next table. No insertion may exceed it.
func brim(n int) int32 {
	if n <= stepSlots {
		return limit(n)
	}
	return int32(n / 8 * 7)
}

// maxAttempts is how many next tables may turn out to be too small, because
// other goroutines insert while one is allocated. If there are more, the
// counters must be wrong.
const maxAttempts = 16

// makeRoom returns the table, which is full or being replaced, or its
// successor, with room for the State of goroutine id. It does one step of the
// replacement. mu must be held; it is released during allocations and if
// makeRoom panics.
func (sh *shard) makeRoom(id int64) *table {
	for attempt := 0; ; {
		t := sh.table.Load()
		switch {
		case attempt > maxAttempts:
			err := sh.broken("is inserted into a table that no new one can replace", id)
			sh.mu.Unlock()
			panic(err)
		case sh.next != nil:
			if !sh.copySlots(t, stepSlots) {
				attempt++
			} else if sh.growing && sh.usedSlots < brim(t.size()) {
				return t
			}
		case sh.usedSlots < limit(t.size()):
			return t
		case sh.growing && sh.usedSlots < brim(t.size()):
			return t // another goroutine is allocating
		default:
			sh.allocate(t, attempt == 0)
		}
	}
}

// allocate begins the replacement of t, the shard's table, unless another
// goroutine is faster. mu must be held; it is released meanwhile.
func (sh *shard) allocate(t *table, sampled bool) {
	n := sh.nextSize(t, sampled)
	sh.growing = true
	sh.mu.Unlock()
	next := newTable(n)
	sh.mu.Lock()
	if sh.table.Load() == t && sh.next == nil {
		sh.growth = growth{next: next, growing: true}
	}
}

// nextSize returns how many slots the table after t needs. If sampled is true,
// it subtracts an estimate of the entries of ended goroutines. mu must be held.
func (sh *shard) nextSize(t *table, sampled bool) int {
	live := int(sh.live)
	if sampled && t.size() > stepSlots {
		live = sh.sample(t)
	}
	need := live + live/2 + t.size()/stepSlots + 1
	n := minSlots
	for int(limit(n)) < need {
		n *= 2
	}
	return n
}

// sample estimates how many entries of t belong to goroutines that have not
// ended. It errs on the high side.
func (sh *shard) sample(t *table) int {
	if !goroutine.FastLiveness {
		return int(sh.live)
	}
	seen, alive := 1, 1
	for i := uint64(0); i < sampleSlots && i <= t.mask; i++ {
		if s := t.slot(i).Load(); s != nil && s != tombstone {
			seen++
			if !ended(s) {
				alive++
			}
		}
	}
	return int(sh.live) * alive / seen
}

// copySlots copies up to n slots of t, the shard's table, and publishes the
// next table if they were the last. It removes entries of goroutines that have
// ended instead of copying them. If the next table is too small, copySlots
// discards it and reports false. mu must be held, and next must not be nil.
func (sh *shard) copySlots(t *table, n int) bool {
	end := min(int(sh.copied)+n, t.size())
	for i := uint64(sh.copied); i < uint64(end); i++ {
		s := t.slot(i).Load()
		if s == nil || s == tombstone {
			continue
		}
		if goroutine.FastLiveness && ended(s) {
			sh.discard(t, i, s)
			continue
		}
		if !sh.putNext(s, hash(s.ID())) {
			return false
		}
	}
	sh.copied = int32(end)
	if end == t.size() {
		sh.table.Store(sh.next)
		sh.usedSlots = sh.nextUsed
		sh.growth = growth{}
	}
	return true
}

// putNext also puts s, whose hash is h, into the next table. If that is full,
// putNext discards it and reports false. mu must be held.
func (sh *shard) putNext(s *State, h uint64) bool {
	if sh.nextUsed < limit(sh.next.size()) {
		if _, wasEmpty, ok := sh.next.put(s, h); ok {
			if wasEmpty {
				sh.nextUsed++
			}
			return true
		}
	}
	sh.growth = growth{}
	return false
}

// takeNext also removes s, whose hash is h, from the next table, in which it
// must be. mu must be held.
func (sh *shard) takeNext(s *State, h uint64) {
	if i, ok := sh.next.slotOf(s, h); ok {
		sh.nextUsed -= sh.next.clear(i)
	}
}

const (
	// shrinkAbove and shrinkBelow prevent a table that is swept and filled again
	// from being replaced each time.
	shrinkAbove = 64 // slots
	shrinkBelow = 8  // shrink if fewer than one in shrinkBelow slots is live
)

// shrink replaces an oversized table with a smaller one, step by step. It takes
// the lock for each step.
func (sh *shard) shrink() {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for {
		t := sh.table.Load()
		switch n := t.size(); {
		case sh.next != nil:
			if !sh.copySlots(t, sweepSlots) {
				return // it is filling up again
			}
		case sh.growing || n <= shrinkAbove || int(sh.live) >= n/shrinkBelow:
			return
		default:
			sh.allocate(t, false)
		}
		sh.pause()
	}
}
