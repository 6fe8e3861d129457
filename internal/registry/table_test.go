package registry

import (
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// These tests are in the package itself, because tables are not exported.

// A bed is a table under test with a map of its contents. Hashes are chosen so
// that States collide.
type bed struct {
	t      *table
	hashes map[*State]uint64
	slots  map[*State]int // where each was put: it must stay there
	used   int
}

func newBed(size int) *bed {
	return &bed{t: newTable(size), hashes: map[*State]uint64{}, slots: map[*State]int{}}
}

// hashTo returns a hash whose home in a table of n slots is the given one.
func (b *bed) hashTo(home int) uint64 {
	h := uint64(home) << homeShift
	if got := b.t.home(h); got != uint64(home) {
		panic("home is not what the test thinks")
	}
	return h
}

func (b *bed) slotOf(s *State) int {
	for i := uint64(0); i <= b.t.mask; i++ {
		if b.t.slot(i).Load() == s {
			return int(i)
		}
	}
	return -1
}

func (b *bed) put(id int64, home int) *State {
	s := newState()
	s.owner.Store(id)
	h := b.hashTo(home)
	i, wasEmpty, ok := b.t.put(s, h)
	if !ok {
		panic("the table is full")
	}
	if wasEmpty {
		b.used++
	}
	b.hashes[s], b.slots[s] = h, int(i)
	return s
}

func (b *bed) take(s *State) {
	i, ok := b.t.slotOf(s, b.hashes[s])
	if !ok {
		panic("the State is not in the table")
	}
	b.used -= int(b.t.clear(i))
	delete(b.hashes, s)
	delete(b.slots, s)
}

type fataler interface {
	Fatalf(format string, args ...any)
}

// check tests the rules on which look-ups without a lock depend.
func (b *bed) check(t fataler) {
	used := 0
	for i := uint64(0); i <= b.t.mask; i++ {
		s := b.t.slot(i).Load()
		if s != nil {
			used++
		}
		if s == tombstone && b.t.slot((i+1)&b.t.mask).Load() == nil {
			t.Fatalf("slot %d is a tombstone though its successor is empty", i)
		}
	}
	if used != b.used {
		t.Fatalf("%d slots are in use, counted %d", used, b.used)
	}
	for s, h := range b.hashes {
		if i := b.slotOf(s); i != b.slots[s] {
			t.Fatalf("State %d has moved from slot %d to %d", s.ID(), b.slots[s], i)
		}
		for i := b.t.home(h); int(i) != b.slots[s]; i = (i + 1) & b.t.mask {
			if b.t.slot(i).Load() == nil {
				t.Fatalf("an empty slot between the home of State %d and itself", s.ID())
			}
		}
		if got := b.t.find(s.ID(), h); got != s {
			t.Fatalf("State %d is not found", s.ID())
		}
	}
}

// TestTableRules puts and takes at random, with as few homes as collide much,
// and keeps a slot empty as the shard does.
func TestTableRules(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		size := 1 << rapid.IntRange(1, 6).Draw(t, "bits")
		homes := rapid.IntRange(1, size).Draw(t, "homes")
		b := newBed(size)
		var all []*State
		id := int64(0)
		for n := rapid.IntRange(0, 200).Draw(t, "steps"); n > 0; n-- {
			if len(all) > 0 && rapid.Bool().Draw(t, "take") {
				i := rapid.IntRange(0, len(all)-1).Draw(t, "which")
				s, h := all[i], b.hashes[all[i]]
				b.take(s)
				all = append(all[:i], all[i+1:]...)
				if b.t.find(s.ID(), h) != nil {
					t.Fatalf("State %d was taken and is found", s.ID())
				}
			} else if b.used < size-1 {
				id++
				home := (size - 1 + rapid.IntRange(0, homes-1).Draw(t, "home")) % size // around the end
				all = append(all, b.put(id, home))
			}
			b.check(t)
		}
		for _, s := range all {
			b.take(s)
			b.check(t)
		}
		require.Zero(t, b.used, "tombstones in an empty table")
	})
}

// TestTombstones follows one through its life.
func TestTombstones(t *testing.T) {
	b := newBed(8)
	at := func(i int) *State { return b.t.slot(uint64(i)).Load() }
	first, second, third := b.put(1, 3), b.put(2, 3), b.put(3, 3)
	require.Equal(t, []*State{first, second, third}, []*State{at(3), at(4), at(5)})
	b.take(second)
	require.Equal(t, tombstone, at(4), "the third would not be found")
	again := b.put(4, 4)
	require.Same(t, again, at(4), "not used again")
	b.take(first)
	b.take(again)
	require.Equal(t, []*State{tombstone, tombstone, third}, []*State{at(3), at(4), at(5)})
	b.take(third)
	for i := 0; i < 8; i++ {
		require.Nil(t, at(i), "a tombstone before an empty slot")
	}
	last := b.put(5, 7)
	around := b.put(6, 7)
	require.Same(t, around, at(0), "the table does not go around")
	b.take(last)
	require.Equal(t, tombstone, at(7))
	b.take(around)
	require.Nil(t, at(7))
	b.check(t)
}
