package registry

import (
	"fmt"
	"sync"
	"unsafe"

	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/release"
)

// tables has the tables of the shards. They are separate from the locks,
// because every look-up loads one of these pointers, and they are rarely
// written.
var tables [1 << shardBits]release.Pointer[table]

// A shard is one part of the registry. It is padded so that no two shards share
// a cache line, wherever the array begins: one shard's lock does not slow down
// another's. Insertion, removal and sweeps hold
// mu. Under mu they run only code of this package and do a bounded amount of
// work: see stepSlots and sweepSlots.
type shard struct {
	fields
	_ [cacheLine - unsafe.Sizeof(fields{})%cacheLine]byte
}

type fields struct {
	table     *release.Pointer[table] // in tables, never nil; immutable, the pointer there is written under mu
	mu        sync.Mutex
	free      *State  // a State that its owner removed, for reuse by the next insertion; guarded by mu
	records   records // nil unless tracking is on; guarded by mu
	live      int32   // States in the table; guarded by mu
	usedSlots int32   // slots that are not empty: States and tombstones; guarded by mu
	growth            // guarded by mu
}

const cacheLine = 64

var shards [1 << shardBits]shard

func init() {
	none := newTable(leastSlots) // shared by all shards until their first insertion
	for i := range shards {
		shards[i].table = &tables[i]
		tables[i].Store(none)
	}
}

// shardIndex returns the index of the shard for the hash h. It has two shifts,
// which the compiler merges, because a single one would be by 64 bits if there
// is one shard.
func shardIndex(h uint64) uint64 { return h >> 1 >> (hashBits - 1 - shardBits) }

func shardOf(h uint64) *shard { return &shards[shardIndex(h)] }

// lookupInGo is like [Lookup], in plain Go.
func lookupInGo() *State {
	var id int64
	if goroutine.Slow {
		id = goroutine.SlowID()
	} else {
		id = goroutine.FastID()
	}
	return lookupID(id)
}

// lookupID returns the State of goroutine id, the caller's, or nil.
func lookupID(id int64) *State {
	h := hash(id)
	s := tables[shardIndex(h)].Load().find(id, h)
	if Checking {
		checkSelf(id)
		if s != nil {
			s.check()
		}
	}
	return s
}

// Search is like [Find], in plain Go, without a default.
func Search(key binding.Key) *binding.Cell {
	s := lookupInGo()
	if s == nil {
		return nil
	}
	return s.Current().Root().Find(key)
}

// LookupOrInsert returns the State of the calling goroutine, and makes an entry
// for it if there is none. It takes the lock of one shard if it has to insert.
func LookupOrInsert() *State {
	if goroutine.Slow { // one trace tells the ID for both
		id := goroutine.SlowID()
		if s := lookupID(id); s != nil {
			return s
		}
		return Insert(id, goroutine.Handle())
	}
	if s := Lookup(); s != nil {
		return s
	}
	return Insert(goroutine.Self())
}

// Insert makes an entry for the calling goroutine, which must have none. id and
// handle are what [goroutine.Self] returns.
func Insert(id int64, handle unsafe.Pointer) *State {
	if Checking {
		checkSelf(id)
	}
	return insert(id, handle)
}

// insert makes an entry for id, which must be the caller's ID and have none.
func insert(id int64, handle unsafe.Pointer) *State {
	h := hash(id)
	sh := shardOf(h)
	sh.mu.Lock()
	s := sh.free
	if s == nil {
		// Release the lock: an allocation may have to wait for the garbage collector.
		sh.mu.Unlock()
		s = newState()
		sh.mu.Lock()
	} else {
		sh.free = nil
	}
	t := sh.table.Load()
	full := sh.growing || sh.usedSlots >= limit(t.size())
	if full {
		t = sh.makeRoom(id)
	}
	if Checking {
		s.checkUnused()
	}
	s.handle = handle
	if s.ID() != id { // a goroutine often gets the State again that it removed
		s.owner.Store(id)
	}
	i, wasEmpty := t.home(h), true
	if home := t.slot(i); home.Load() == nil { // put, without the call
		home.Store(s)
	} else {
		var ok bool
		if i, wasEmpty, ok = t.put(s, h); !ok {
			err := sh.broken("is inserted into a table without room", id)
			sh.mu.Unlock()
			panic(err)
		}
	}
	if wasEmpty {
		sh.usedSlots++
	}
	if i < uint64(sh.copied) {
		sh.putNext(s, h)
	}
	sh.live++
	if Checking {
		sh.checkFree()
	}
	if tracking.Load() {
		sh.recordEntry(id)
	}
	sh.mu.Unlock()
	if full || !watched.Load() {
		watch(full)
	}
	return s
}

// Remove removes the entry of s, which must be the caller's, and drops its
// bindings. It takes the lock of one shard.
func (s *State) Remove() {
	if Checking {
		checkSelf(s.ID())
	}
	s.reset()
	id := s.ID()
	h := hash(id)
	sh := shardOf(h)
	sh.mu.Lock()
	t := sh.table.Load()
	i := t.home(h)
	if t.slot(i).Load() != s { // it rarely is in another slot
		var ok bool
		if i, ok = t.slotOf(s, h); !ok {
			err := sh.broken("is removed and is not in the table", id)
			sh.mu.Unlock()
			panic(err)
		}
	}
	if t.slot((i+1)&t.mask).Load() == nil && t.slot((i-1)&t.mask).Load() != tombstone {
		t.slot(i).Store(nil) // clear, without the call
		sh.usedSlots--
	} else {
		sh.usedSlots -= t.clear(i)
	}
	sh.live--
	if i < uint64(sh.copied) {
		sh.takeNext(s, h)
	}
	// Its goroutine is the caller and no longer uses it, so it can be reused. A
	// State that a sweep removes is never reused, because that would depend on the
	// sweep's conclusion that the goroutine has ended.
	sh.free = s
	if Checking {
		sh.checkFree()
	}
	if sh.records != nil {
		sh.forgetEntry(id)
	}
	sh.mu.Unlock()
}

// takeSlot removes s, whose hash is h, from slot i of t, the shard's table. mu
// must be held.
func (sh *shard) takeSlot(t *table, i uint64, s *State, h uint64) {
	sh.usedSlots -= t.clear(i)
	sh.live--
	if i < uint64(sh.copied) {
		sh.takeNext(s, h)
	}
}

// broken returns the error to panic with if an invariant of the registry is
// violated for the entry of goroutine id. mu must be held.
func (sh *shard) broken(what string, id int64) error {
	t := sh.table.Load()
	return fmt.Errorf("gls: bug: the entry of goroutine %d %s (caller: goroutine %d; %d entries, %d of %d slots used, fast IDs: %t)",
		id, what, goroutine.ID(), sh.live, sh.usedSlots, t.size(), goroutine.ReadsG())
}
