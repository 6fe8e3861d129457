package registry

import "github.com/seed18162548/contextvars/internal/goroutine"

// A table that is full is replaced by another one: larger, if it is full of
// entries, as large or smaller, if it is full of tombstones and of entries
// whose goroutines have ended. The next table is filled step by step, a few
// slots at each insertion. Until it is complete, nobody but the holders of the
// lock knows of it: look-ups use the old one, in which all entries are, and the
// argument in table.go is about nothing else. Insertions and removals are made
// in the old table, and in the next one too if they concern a slot that was
// copied already.
//
// So the next table always has exactly the entries that are in the slots below
// copied. It is published when copied has reached the end.

// A growth is the state of a shard's next table. It is empty unless growing.
type growth struct {
	next      *table // nil while somebody allocates it
	copied    int32  // how many slots of the table are copied, from the first on
	nextTaken int32  // slots of next that are not empty
	growing   bool
}

const (
	// stepSlots is how many slots an insertion copies: some 20 States of which
	// each may have to come from memory, a few microseconds.
	stepSlots = 32
	// sampleSlots is how many slots are looked at to learn how many entries
	// are of goroutines that have ended.
	sampleSlots = 64
)

// limit returns how many slots of n may be taken before the next table is
// begun. At this limit a look-up meets two States on average, and it is
// exceeded by the insertions that copy the table: one for every stepSlots.
func limit(n int) int32 { return int32(n * 11 / 16) }

// brim returns how many slots of n may be taken before insertions wait until
// the next table is complete. It may be exceeded by none.
func brim(n int) int32 {
	if n <= stepSlots {
		return limit(n)
	}
	return int32(n / 8 * 7)
}

// maxAttempts is how many next tables may turn out to be too small, because
// others insert while one is allocated, before the counters must be wrong.
const maxAttempts = 16

// makeRoom returns the table, which is full or being replaced, or its
// successor, with room for the State of goroutine id. It does a step of the
// replacement. mu must be held; it is released during allocations, and if
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
			} else if sh.growing && sh.taken < brim(t.size()) {
				return t
			}
		case sh.taken < limit(t.size()):
			return t
		case sh.growing && sh.taken < brim(t.size()):
			return t // somebody else allocates
		default:
			sh.allocate(t, attempt == 0)
		}
	}
}

// allocate begins the replacement of t, the shard's table, unless somebody else
// is faster. mu must be held; it is released meanwhile.
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

// nextSize returns how many slots the table after t needs. If sampled, it
// expects as many entries to be of ended goroutines as there are among some. mu
// must be held.
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

// sample estimates how many entries of t are of goroutines that have not ended,
// rather too high than too low.
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
// next table if they were the last. Entries of goroutines that have ended are
// removed instead. It reports false, and gives the next table up, if that is
// too small. mu must be held, and next must not be nil.
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
		sh.taken = sh.nextTaken
		sh.growth = growth{}
	}
	return true
}

// putNext puts s, whose hash is h, into the next table too. If that is full it
// gives it up and reports false. mu must be held.
func (sh *shard) putNext(s *State, h uint64) bool {
	if sh.nextTaken < limit(sh.next.size()) {
		if _, wasEmpty, ok := sh.next.put(s, h); ok {
			if wasEmpty {
				sh.nextTaken++
			}
			return true
		}
	}
	sh.growth = growth{}
	return false
}

// takeNext removes s, whose hash is h, from the next table too, in which it
// must be. mu must be held.
func (sh *shard) takeNext(s *State, h uint64) {
	if i, ok := sh.next.slotOf(s, h); ok {
		sh.nextTaken -= sh.next.clear(i)
	}
}

const (
	// shrinkAbove and shrinkBelow keep a table that is swept and filled again
	// from being replaced each time.
	shrinkAbove = 64 // slots
	shrinkBelow = 8  // shrink if fewer than one slot in so many is live
)

// shrink gives back most of an oversized table, step by step. It takes the lock
// for each.
func (sh *shard) shrink() {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	for {
		t := sh.table.Load()
		switch n := t.size(); {
		case sh.next != nil:
			if !sh.copySlots(t, sweepSlots) {
				return // it fills up again
			}
		case sh.growing || n <= shrinkAbove || int(sh.live) >= n/shrinkBelow:
			return
		default:
			sh.allocate(t, false)
		}
		sh.pause()
	}
}
