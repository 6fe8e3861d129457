package registry

import "unsafe"

// A table is an open-addressed hash table with linear probing. A slot is nil
// (empty), tombstone (its State was removed), or a State.
//
// Look-ups take no lock. They are correct because of the following rules for
// published tables, which only change under the shard's lock:
//
//  1. A State that is inserted stays in its slot until it is removed. Entries
//     never move within a published table; growth fills a new one.
//  2. There is no empty slot between a State's home slot and the slot that it
//     is in: an insertion takes the first slot that is empty or a tombstone,
//     and a tombstone becomes empty only if its successor is empty.
//  3. Only goroutine id looks up id, only it inserts id, and only it removes id
//     while it lives. So while it probes, its State is neither inserted nor
//     removed, and by 1 and 2 it is found if it is in the table.
//  4. The table that it probes is the current one or one that was current after
//     its last insertion or removal, because it held the shard's lock for that,
//     and growth copies every State that is not removed.
//
// A State may be removed and reused for another goroutine while a look-up is
// reading it. The look-up then reads some other ID from it, never its own,
// because only its own goroutine could insert that, and it is busy probing.
//
// The slots follow the mask in the same allocation (see newTable), which saves
// a look-up one load.
type table struct {
	mask  uint64 // number of slots - 1
	first slot
}

// tombstone marks slots whose State was removed. No goroutine has its ID, 0.
var tombstone = new(State)

// slot returns slot i, which must be at most t.mask.
func (t *table) slot(i uint64) *slot {
	return (*slot)(unsafe.Add(unsafe.Pointer(&t.first), uintptr(i)*unsafe.Sizeof(t.first)))
}

// size returns the number of slots.
func (t *table) size() int { return int(t.mask) + 1 }

// home returns the index of the slot at which the probe for h starts.
func (t *table) home(h uint64) uint64 { return h >> homeShift & t.mask }

// find returns the State of id, which must be the caller's ID, or nil.
func (t *table) find(id int64, h uint64) *State {
	for i := t.home(h); ; i++ {
		s := t.slot(i & t.mask).Load()
		if s == nil {
			return nil
		}
		if s.owner.Load() == id {
			return s
		}
	}
}

// The loops under a lock are bounded by the size of the table. If one of them
// does not find what must be there, an invariant was violated elsewhere. The
// caller then has to release the lock and panic, because spinning would block
// everything else.

// put stores s, whose hash is h, and returns the slot and whether that was
// empty before; ok is false if t is full. The shard's lock must be held, and s
// must not be in t.
func (t *table) put(s *State, h uint64) (i uint64, wasEmpty, ok bool) {
	i = t.home(h)
	for n := t.mask; ; n-- {
		at := t.slot(i)
		switch old := at.Load(); old {
		case nil, tombstone:
			at.Store(s)
			return i, old == nil, true
		}
		if n == 0 {
			return 0, false, false
		}
		i = (i + 1) & t.mask
	}
}

// slotOf returns the index of the slot that s is in; ok is false if it is not
// in t. The shard's lock must be held.
func (t *table) slotOf(s *State, h uint64) (i uint64, ok bool) {
	i = t.home(h)
	for n := t.mask; ; n-- {
		switch t.slot(i).Load() {
		case s:
			return i, true
		case nil:
			return 0, false
		}
		if n == 0 {
			return 0, false
		}
		i = (i + 1) & t.mask
	}
}

// clear makes slot i a tombstone, or empty if its successor is, and with it the
// tombstones before it. The shard's lock must be held.
func (t *table) clear(i uint64) (emptied int32) {
	if t.slot((i+1)&t.mask).Load() != nil {
		t.slot(i & t.mask).Store(tombstone)
		return 0
	}
	// Backwards, so that the successor of each is empty already.
	for emptied == 0 || t.slot(i&t.mask).Load() == tombstone {
		t.slot(i & t.mask).Store(nil)
		emptied++
		i--
	}
	return emptied
}
