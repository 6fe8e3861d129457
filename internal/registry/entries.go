package registry

import (
	"cmp"
	"slices"

	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/goroutine"
)

// An Entry is what one goroutine held at one moment.
type Entry struct {
	ID     int64         // of the goroutine
	Root   *binding.Cell // the bindings of the Scope that it was in
	Kind   ScopeKind     // what Scope that was
	Ended  bool          // it has ended, and no sweep has removed it yet
	Record *SpawnRecord  // nil unless it was tracked
}

// A ScopeKind says what Scope a goroutine was in.
type ScopeKind int

const (
	BaseScope     ScopeKind = iota // its own base Context
	ContextScope                   // a Context that it has entered
	BorrowedScope                  // another goroutine's, lent to the body of an iterator
	UnknownScope                   // it changed at every look: its bindings are not known
)

// Entries lists what goroutines hold, in no order. It locks one shard after the
// other, for as long as it takes to read a few words of some eighty goroutines
// at a time, and runs no other code there. The entries are not of one instant.
//
// An entry never shows another goroutine's bindings. What that rests on:
//
//   - A State that is in a table belongs to the goroutine that owner names for
//     as long as the lock of its shard is held: insertion and Remove, which
//     change either, take that lock, and a State never changes shards, because
//     it is only reused from the free slot of the one that it left.
//   - Which Scope the goroutine is in, and what is bound there, changes without
//     a lock. See snapshot.
//
// The bindings themselves never change.
func Entries() []Entry {
	// Made in advance, so that a lock is held during an allocation only if
	// entries were inserted meanwhile.
	list := make([]Entry, 0, Live()+slack)
	for i := range shards {
		sh := &shards[i]
		begin := len(list)
		sh.each(func(s *State) {
			e := s.snapshot()
			e.Ended = goroutine.FastLiveness && ended(s)
			e.Record = sh.records[e.ID]
			list = append(list, e)
		}, func() { list = list[:begin] })
		list = append(list[:begin], oncePerID(list[begin:])...)
	}
	return list
}

// oncePerID returns list, ordered by ID, with one entry for each: a goroutine
// that removed its entry and made another one may have been met twice.
func oncePerID(list []Entry) []Entry {
	slices.SortFunc(list, func(a, b Entry) int { return cmp.Compare(a.ID, b.ID) })
	return slices.CompactFunc(list, func(a, b Entry) bool { return a.ID == b.ID })
}

// maxLooks is how often snapshot tries while a goroutine enters and leaves
// Contexts. Each try takes a few loads: two in a row rarely fail.
const maxLooks = 8

// snapshot returns the bindings of the Scope that s's goroutine is in, as far
// as these two held at the same moment. The lock of s's shard must be held.
//
// The Scope is read before the bindings and after them. If it is the same,
// then:
//
//   - The goroutine's own base was read: nobody else writes there.
//   - A Borrowed was read, which no other goroutine ever works in: the bindings
//     are those of a loan that lasted when they were read.
//   - A Context that the goroutine entered was read: it may have left and
//     entered it again in between, and another goroutine may have been there.
//     The bindings are therefore read twice too, around a look at the Scope.
//     For both to be equal and yet not what the goroutine had there, the
//     Context would have to change hands four times within these loads, and the
//     other goroutine to come back to a binding that it had left covered in
//     between.
func (s *State) snapshot() Entry {
	e := Entry{ID: s.ID()}
	for i := 0; i < maxLooks; i++ {
		sc := s.Current()
		root := sc.Root()
		if s.Current() != sc || sc.Root() != root || s.Current() != sc {
			continue
		}
		e.Root = root
		switch {
		case sc == &s.Scope:
			e.Kind = BaseScope
		case sc.Borrowed() != nil:
			e.Kind = BorrowedScope
		default:
			e.Kind = ContextScope
		}
		return e
	}
	e.Kind = UnknownScope
	return e
}
