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

// A shard is one part of the registry. It fills a cache line, lest one shard's
// lock slow down another's. All of it but table is for insertion, removal and
// sweeps, which run no code but this package's under mu.
type shard struct {
	books
	_ [cacheLine - unsafe.Sizeof(books{})%cacheLine]byte
}

// books are the fields of a shard.
type books struct {
	table     *release.Pointer[table] // in tables, never nil; immutable, the pointer there is written under mu
	mu        sync.Mutex
	live      int     // States in the table; guarded by mu
	taken     int     // slots that are not empty: States and tombstones; guarded by mu
	free      *State  // removed by its owner, for the next insertion; guarded by mu
	records   records // nil unless somebody tracks; guarded by mu
	sweeps    uint64  // guarded by mu
	reclaimed uint64  // guarded by mu
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

// shardIndex returns the index of the shard of the hash h. Two shifts, which the
// compiler makes one, because a shift by 64, for a single shard, would not be
// portable.
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
	return tables[shardIndex(h)].Load().find(id, h)
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

// Insert makes an entry for the calling goroutine, whose ID is id and which must
// have none.
func Insert(id int64) *State { return insert(id, goroutine.Handle()) }

// insert makes an entry for id, which must be the caller's ID and have none.
func insert(id int64, handle unsafe.Pointer) *State {
	h := hash(id)
	sh := shardOf(h)
	sh.mu.Lock()
	s := sh.free
	sh.free = nil
	if s == nil {
		s = newState()
	}
	s.handle = handle
	if s.ID() != id { // a goroutine often gets back the State that it left
		s.owner.Store(id)
	}
	t := sh.table.Load()
	crowded := sh.taken >= limit(t.size())
	if crowded {
		t = sh.makeRoom()
	}
	wasEmpty, ok := t.put(s, h)
	if !ok {
		err := sh.broken("is inserted into a table without room", id)
		sh.mu.Unlock()
		panic(err)
	}
	if wasEmpty {
		sh.taken++
	}
	sh.live++
	if tracking.Load() {
		sh.recordEntry(id)
	}
	sh.mu.Unlock()
	if crowded || !watched.Load() {
		watch(crowded)
	}
	return s
}

// Remove removes the entry of s, which must be the caller's, and drops its
// bindings. It takes the lock of one shard.
func (s *State) Remove() {
	s.reset()
	h := hash(s.ID())
	sh := shardOf(h)
	sh.mu.Lock()
	emptied, ok := sh.table.Load().take(s, h)
	if !ok {
		err := sh.broken("is removed and is not in the table", s.ID())
		sh.mu.Unlock()
		panic(err)
	}
	sh.taken -= emptied
	sh.live--
	// Its goroutine is here and done with it, so that it can serve again. A
	// State that a sweep removes is never kept: that its goroutine has ended
	// is then a conclusion, and this must not depend on it.
	sh.free = s
	if sh.records != nil {
		sh.forgetEntry(s.ID())
	}
	sh.mu.Unlock()
}

// makeRoom sweeps the shard, and publishes a table with room for one more State,
// which it returns. mu must be held. It is released if makeRoom panics.
func (sh *shard) makeRoom() (t *table) {
	defer func() {
		if t == nil {
			sh.mu.Unlock()
		}
	}()
	sh.sweep()
	return sh.rebuild()
}

// broken returns what to panic with where a rule of the registry does not hold:
// the State of goroutine id is in a state that must not be. mu must be held.
func (sh *shard) broken(what string, id int64) error {
	t := sh.table.Load()
	return fmt.Errorf("gls: bug: the entry of goroutine %d %s (caller: goroutine %d; %d entries, %d of %d slots taken, fast IDs: %t)",
		id, what, goroutine.ID(), sh.live, sh.taken, t.size(), goroutine.ReadsG())
}

// limit returns how many slots of n may be taken. At three quarters a probe
// meets two to three States on average.
func limit(n int) int { return n / 4 * 3 }

// rebuild publishes a table with room for one more State, in which all slots
// that hold no State are empty, and returns it. mu must be held.
func (sh *shard) rebuild() *table {
	n := minSlots
	for limit(n) < sh.live+sh.live/2+1 {
		n *= 2
	}
	t := newTable(n)
	old := sh.table.Load()
	for i := uint64(0); i <= old.mask; i++ {
		if s := old.slot(i).Load(); s != nil && s != tombstone {
			if _, ok := t.put(s, hash(s.ID())); !ok {
				panic(sh.broken("does not fit into a new table", s.ID()))
			}
		}
	}
	sh.taken = sh.live
	sh.table.Store(t)
	return t
}
