package registry

import "unsafe"

// A table is an open-addressed hash table with linear probing. A slot is nil
// (empty), tombstone (its State was removed), or a State.
//
// Look-ups take no lock. They are right because of what a slot and its
// neighbours may do while a table is published, all of it under the shard's
// lock:
//
//  1. A State that is inserted stays in its slot until it is removed. Nothing
//     is ever moved inside a published table; growth fills a new one.
//  2. Between a State's home slot and the one it is in there is no empty slot,
//     as long as it is inserted: an insertion takes the first slot that is
//     empty or a tombstone, and a tombstone becomes empty only where its
//     successor is.
//  3. Only goroutine id looks for id, only it inserts id, and only it removes
//     id while it lives. So while it probes, its State neither appears nor
//     goes, and by 1 and 2 it is found if it is in the table.
//  4. The table it probes is the current one or one that was current after its
//     last insertion or removal, since it took the shard's lock for that, and
//     growth copies every State that is not removed.
//
// A State may be removed and used again for another goroutine while a look-up
// has it in hand. The look-up then reads some other ID from it, never its own:
// its own State would have to be inserted, and the goroutine is busy probing.
//
// The slots follow the mask in one allocation, see newTable: a look-up loads
// one word less on its way.
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
// does not find what must be there, a rule was broken elsewhere: the caller has
// to release the lock and to panic, because spinning would stop everything
// else.

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
	// From the back: after each step the successor of the next is empty.
	for emptied == 0 || t.slot(i&t.mask).Load() == tombstone {
		t.slot(i & t.mask).Store(nil)
		emptied++
		i--
	}
	return emptied
}
