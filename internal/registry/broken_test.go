package registry

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/internal/goroutine"
)

// A violated invariant must end in a panic with details, and not in a loop that
// holds a lock.

func TestTableWithoutTheState(t *testing.T) {
	for _, fill := range []*State{nil, tombstone, newState()} {
		tab := newTable(8)
		for i := uint64(0); i <= tab.mask; i++ {
			tab.slot(i).Store(fill)
		}
		for h := uint64(0); h < 8; h++ {
			_, ok := tab.slotOf(newState(), h<<homeShift)
			require.False(t, ok)
		}
		if fill != nil && fill != tombstone {
			_, _, ok := tab.put(newState(), 0)
			require.False(t, ok, "the table is full")
		}
	}
}

// TestRemoveOfWhatIsNotThere panics, releases the lock and changes nothing.
func TestRemoveOfWhatIsNotThere(t *testing.T) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		s := LookupOrInsert()
		s.Remove()
		require.PanicsWithError(t, fmt.Sprintf("gls: bug: the entry of goroutine %d is removed and is not in the table (%s)",
			goroutine.ID(), describe(s.ID())), s.Remove)
		require.Same(t, s, LookupOrInsert(), "the shard serves on")
		s.Remove()
	}()
	<-done
	verify(t)
}

// describe returns what a panic says about the shard of goroutine id.
func describe(id int64) string {
	sh := shardOf(hash(id))
	sh.mu.Lock()
	defer sh.mu.Unlock()
	return fmt.Sprintf("caller: goroutine %d; %d entries, %d of %d slots used, fast IDs: %t",
		goroutine.ID(), sh.live, sh.usedSlots, sh.table.Load().size(), goroutine.ReadsG())
}

// TestInsertIntoABrokenShard inserts into a table that is full although the
// shard's counters say that it is not. If the table is being replaced, that
// goes on afterwards.
func TestInsertIntoABrokenShard(t *testing.T) {
	passes.mu.Lock() // no pass looks at the shard meanwhile
	defer passes.mu.Unlock()
	id := int64(1) << 40 // no goroutine has it
	h := hash(id)
	sh := shardOf(h)
	sh.mu.Lock()
	before, used, live, replacing := sh.table.Load(), sh.usedSlots, sh.live, sh.growth
	full := newTable(minSlots)
	for i := uint64(0); i <= full.mask; i++ {
		full.slot(i).Store(newState())
	}
	sh.table.Store(full)
	sh.usedSlots, sh.live, sh.growth = 0, 0, growth{}
	sh.mu.Unlock()
	require.Panics(t, func() { insert(id, nil) })
	require.True(t, sh.mu.TryLock(), "the lock is held")
	sh.usedSlots = int32(full.size())
	sh.mu.Unlock()
	require.Panics(t, func() { insert(id, nil) }, "States that the counters do not know do not fit into a new table")
	require.True(t, sh.mu.TryLock(), "the lock is held")
	sh.table.Store(before)
	sh.usedSlots, sh.live, sh.growth = used, live, replacing
	sh.mu.Unlock()
	verify(t)
}
