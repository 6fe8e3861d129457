package registry

import (
	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/goroutine"
)

// An Entry is what one goroutine held at one moment.
type Entry struct {
	ID    int64         // of the goroutine
	Root  *binding.Cell // the bindings of the Scope that it was in
	In    Where         // what Scope that was
	Ended bool          // it has ended, and no sweep has met it yet
	Birth *Birth        // nil unless it was tracked
}

// Where says what Scope a goroutine was in.
type Where int

const (
	InBase    Where = iota // its own base Context
	InContext              // a Context that it has entered
	OnLoan                 // another goroutine's, lent to the body of an iterator
	Unsettled              // a new one at every look: its bindings are not known
)

// Entries lists what goroutines hold, in no order. It locks one shard after the
// other, each for as long as it takes to read a few words per goroutine, and
// runs nobody's code there. The entries are not of one instant.
//
// An entry never shows another goroutine's bindings. What that rests on:
//
//   - A State that is in a table belongs to the goroutine that Who names for as
//     long as the lock of its shard is held: insertion and Leave, which change
//     either, take that lock, and a State never changes shards, because it is
//     only reused from the free slot of the one that it left.
//   - Which Scope the goroutine is in, and what is bound there, changes without
//     a lock. settle argues for that.
//
// The bindings themselves never change.
func Entries() []Entry {
	// Made in advance, so that nothing is allocated under a lock but for those
	// that are inserted meanwhile.
	list := make([]Entry, 0, Live()+slack)
	for i := range shards {
		sh := &shards[i]
		sh.mu.Lock()
		t := sh.table.Load()
		for j := range t.slots {
			if s := t.slots[j].Load(); s != nil && s != tombstone {
				e := s.settle()
				e.Ended = goroutine.FastLiveness && ended(s)
				e.Birth = sh.births[e.ID]
				list = append(list, e)
			}
		}
		sh.mu.Unlock()
	}
	return list
}

// looks is how often settle looks at a goroutine that enters and leaves Contexts
// meanwhile. Each look takes a few loads: two in a row rarely fail.
const looks = 8

// settle returns the bindings of the Scope that s's goroutine is in, as far as
// these two held at the same moment. The lock of s's shard must be held.
//
// The Scope is read before the bindings and after them. If it is the same, then:
//
//   - The goroutine's own base was read: nobody else writes there.
//   - A Scope on loan was read, as gls.Pull lends it: the loan has lasted
//     throughout. To end it the goroutine removes its entry, which takes the
//     lock that is held here; it cannot be back. And while the loan lasts, the
//     Scope has no other tenant: the lender waits.
//   - A Context that the goroutine entered was read: it may have left and
//     entered it again in between, and another goroutine may have been there.
//     The bindings are therefore read twice too, around a look at the Scope. For
//     both to be equal and yet not what the goroutine had there, the Context
//     would have to change hands four times within these loads, and the other
//     goroutine to come back to a binding that it had left covered in between.
func (s *State) settle() Entry {
	e := Entry{ID: s.ID()}
	for i := 0; i < looks; i++ {
		sc := s.Current.Load()
		root := sc.Root.Load()
		who := sc.Who.Load()
		if s.Current.Load() != sc || sc.Root.Load() != root || s.Current.Load() != sc {
			continue
		}
		e.Root = root
		switch {
		case sc == &s.Scope:
			e.In = InBase
		case who == -e.ID:
			e.In = InContext
		default:
			e.In = OnLoan
		}
		return e
	}
	e.In = Unsettled
	return e
}
