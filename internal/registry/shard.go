package registry

import (
	"fmt"
	"sync"
	"unsafe"

	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/release"
)

// tables are the tables of the shards. They stand apart from the locks, because
// every look-up loads one of them and hardly anybody stores one.
var tables [1 << shardBits]release.Pointer[table]

// A shard is one part of the registry. It fills a cache line, so that one
// shard's lock does not slow down another's. All of it but table and free is
// for insertion, removal and sweeps, which run no code but this package's under
// mu, and do a bounded amount of work there: see stepSlots and sweepSlots.
type shard struct {
	fields
	_ [cacheLine - unsafe.Sizeof(fields{})%cacheLine]byte
}

type fields struct {
	table   *release.Pointer[table] // in tables, never nil; immutable, the pointer there is written under mu
	mu      sync.Mutex
	free    *State  // removed by its owner, for the next insertion; guarded by mu
	records records // nil unless somebody tracks; guarded by mu
	live    int32   // States in the table; guarded by mu
	taken   int32   // slots that are not empty: States and tombstones; guarded by mu
	growth          // guarded by mu
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

// shardIndex returns the index of the shard of the hash h. Two shifts, which
// the compiler makes one, because a shift by 64, for a single shard, would not
// be portable.
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
		return Insert(id)
	}
	if s := Lookup(); s != nil {
		return s
	}
	return Insert(goroutine.ID())
}

// Insert makes an entry for the calling goroutine, whose ID is id and which
// must have none.
func Insert(id int64) *State {
	if Checking {
		checkSelf(id)
	}
	return insert(id, goroutine.Handle())
}

// insert makes an entry for id, which must be the caller's ID and have none.
func insert(id int64, handle unsafe.Pointer) *State {
	h := hash(id)
	sh := shardOf(h)
	sh.mu.Lock()
	s := sh.free
	if s == nil {
		// Not under the lock: an allocation may have to wait for the
		// garbage collector.
		sh.mu.Unlock()
		s = newState()
		sh.mu.Lock()
	} else {
		sh.free = nil
	}
	t := sh.table.Load()
	full := sh.growing || sh.taken >= limit(t.size())
	if full {
		t = sh.makeRoom(id)
	}
	if Checking {
		s.checkUnused()
	}
	s.handle = handle
	if s.ID() != id { // a goroutine often gets back the State that it left
		s.owner.Store(id)
	}
	i, wasEmpty, ok := t.put(s, h)
	if !ok {
		err := sh.broken("is inserted into a table without room", id)
		sh.mu.Unlock()
		panic(err)
	}
	if wasEmpty {
		sh.taken++
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
	if t.slot(i).Load() != s { // it is not often elsewhere
		var ok bool
		if i, ok = t.slotOf(s, h); !ok {
			err := sh.broken("is removed and is not in the table", id)
			sh.mu.Unlock()
			panic(err)
		}
	}
	sh.taken -= t.clear(i)
	sh.live--
	if i < uint64(sh.copied) {
		sh.takeNext(s, h)
	}
	// Its goroutine is here and done with it, so that it can serve again. A
	// State that a sweep removes is never kept: that its goroutine has ended
	// is then a conclusion, and this must not depend on it.
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
	sh.taken -= t.clear(i)
	sh.live--
	if i < uint64(sh.copied) {
		sh.takeNext(s, h)
	}
}

// broken returns what to panic with where a rule of the registry does not hold:
// the State of goroutine id is in a state that must not be. mu must be held.
func (sh *shard) broken(what string, id int64) error {
	t := sh.table.Load()
	return fmt.Errorf("gls: bug: the entry of goroutine %d %s (caller: goroutine %d; %d entries, %d of %d slots taken, fast IDs: %t)",
		id, what, goroutine.ID(), sh.live, sh.taken, t.size(), goroutine.ReadsG())
}
