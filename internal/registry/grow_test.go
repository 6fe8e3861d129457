//go:build !gls_check && !gls_check_asm

// The States in these tests belong to goroutines that do not exist.

package registry

import (
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/seed18162548/contextvars/internal/goroutine"
)

// TestGrowthInSteps inserts and removes entries of one shard at random, and
// replaces its table in between. The next table always has what it must have,
// and no insertion copies more than a step unless the table is full to the
// brim.
func TestGrowthInSteps(t *testing.T) {
	passes.mu.Lock() // no pass looks at the shard meanwhile
	defer passes.mu.Unlock()
	const first = 1 << 41 // no goroutine has such an ID
	sh := shardOf(hash(first))
	ids := []int64{first}
	for id := int64(first + 1); len(ids) < 600; id++ {
		if shardOf(hash(id)) == sh {
			ids = append(ids, id)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		in := map[int64]*State{}
		most := rapid.IntRange(1, len(ids)).Draw(t, "most")
		for n := rapid.IntRange(0, 800).Draw(t, "steps"); n > 0; n-- {
			id := ids[rapid.IntRange(0, most-1).Draw(t, "id")]
			tab, copied, taken := sh.table.Load(), sh.copied, sh.usedSlots
			if s := in[id]; s == nil {
				in[id] = insert(id, nil)
			} else {
				s.Remove()
				delete(in, id)
			}
			if sh.table.Load() == tab && sh.copied > copied && taken < brim(tab.size()) {
				require.LessOrEqual(t, sh.copied-copied, int32(stepSlots))
			}
			if rapid.IntRange(0, 100).Draw(t, "shrink") == 0 {
				sh.shrink()
			}
		}
		sh.verify(t)
		for _, s := range in {
			s.Remove()
		}
		sh.verify(t)
		require.Nil(t, sh.table.Load().find(first, hash(first)))
	})
	sh.shrink()
	require.LessOrEqual(t, sh.table.Load().size(), shrinkAbove)
}

// TestReplacementRemovesTheEnded checks that a table that fills up with entries
// of goroutines that have ended does not grow, even without a garbage
// collection.
func TestReplacementRemovesTheEnded(t *testing.T) {
	if !goroutine.FastLiveness {
		return // dumps do it, see TestDumpsAreAmortised
	}
	before := ReadStats()
	const rounds, each = 100, 500
	for i := 0; i < rounds; i++ {
		var ended sync.WaitGroup
		ended.Add(each)
		for j := 0; j < each; j++ {
			go func() { defer ended.Done(); LookupOrInsert() }()
		}
		ended.Wait()
	}
	st := ReadStats()
	require.Less(t, st.Slots, before.Slots+uint64(rounds*each))
	require.Greater(t, st.Reclaimed, before.Reclaimed+uint64(rounds*each/2))
	verify(t)
}

// TestPassesBackOff checks that a pass that removes nothing checks only a few
// of many entries, that successive passes check all of them, and that a pass
// checks all if there are more entries than goroutines.
func TestPassesBackOff(t *testing.T) {
	if !goroutine.FastLiveness || len(shards) == 1 {
		return // a pass needs FastLiveness, and rations shards
	}
	const alive = 4 * passLeast
	Sweep()
	leave := crowd(t, alive)
	// A pass after a collection may come in between, but not many.
	before := ReadStats().Sweeps
	pass()
	few := ReadStats().Sweeps - before
	for i := 0; i < 3 && few >= uint64(len(shards)/2); i++ {
		before = ReadStats().Sweeps
		pass()
		few = ReadStats().Sweeps - before
	}
	require.Less(t, few, uint64(len(shards)/2), "shards swept although nobody has ended")

	var ended sync.WaitGroup
	ended.Add(alive)
	for i := 0; i < alive; i++ {
		go func() { defer ended.Done(); LookupOrInsert() }()
	}
	ended.Wait()
	const rest = 100 // the last of them may not be quite dead yet
	for i := 0; i < 2; i++ {
		runtime.Gosched()
		pass()
	}
	assert.LessOrEqual(t, Live(), alive+rest+runtime.NumGoroutine()-alive)
	leave()
	verify(t)
}
