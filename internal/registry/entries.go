package registry

import (
	"cmp"
	"slices"

	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/goroutine"
)

// An Entry is a copy of what one goroutine held at one moment.
type Entry struct {
	ID     int64         // of the goroutine
	Root   *binding.Cell // the bindings of the Scope that it was in
	Kind   ScopeKind     // the kind of that Scope
	Ended  bool          // whether it has ended; no sweep has removed it yet
	Record *SpawnRecord  // nil unless it was tracked
}

// A ScopeKind is the kind of Scope that a goroutine was in.
type ScopeKind int

const (
	BaseScope     ScopeKind = iota // its own base Context
	ContextScope                   // a Context that it has entered
	BorrowedScope                  // another goroutine's, lent to the body of an iterator
	UnknownScope                   // it changed each time it was read; its bindings are not known
)

// Entries returns what goroutines hold, in no particular order. It locks one
// shard after the other, each time for as long as it takes to read a few words
// of some eighty goroutines, and runs no other code under the lock. The entries
// are not from a single instant.
//
// An entry never shows another goroutine's bindings, for these reasons:
//
//   - A State in a table belongs to the goroutine named by owner as long as the
//     lock of its shard is held: insertion and Remove, which change either,
//     take that lock, and a State never moves to another shard, because only
//     the shard that it was removed from reuses it.
//   - The Scope that the goroutine is in, and the bindings there, change
//     without a lock. See snapshot.
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

// oncePerID returns list, sorted by ID, with one entry for each: a goroutine
// that removed its entry and made another one may have been read twice.
func oncePerID(list []Entry) []Entry {
	slices.SortFunc(list, func(a, b Entry) int { return cmp.Compare(a.ID, b.ID) })
	return slices.CompactFunc(list, func(a, b Entry) bool { return a.ID == b.ID })
}

// maxLooks is the maximum number of attempts of snapshot while a goroutine
// enters and leaves Contexts. Each attempt takes a few loads; two in a row
// rarely fail.
const maxLooks = 8

// snapshot returns the Scope that s's goroutine is in and its bindings at the
// same moment, if it can read both consistently. The lock of s's shard must be
// held.
//
// The Scope is read before the bindings and after them. If it is the same both
// times, there are three cases:
//
//   - It is the goroutine's own base, which only it and a borrower write.
//   - It is a Borrowed, which no other goroutine ever uses. The bindings are
//     those of a loan that had not ended when they were read.
//   - It is a Context that the goroutine has entered. The goroutine may have
//     left and entered it again in between, and another goroutine may have been
//     in it. The bindings are therefore also read twice, before and after the
//     Scope is looked at again. For both reads to be equal and yet not the goroutine's
//     bindings, the Context would have to change hands four times within these
//     loads, and the other goroutine would have to return to a binding that it
//     had shadowed in between.
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
