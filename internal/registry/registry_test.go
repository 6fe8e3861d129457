package registry

import (
	"runtime"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/internal/goroutine"
)

// verify checks all shards, under their locks, against what they count.
func verify(t *testing.T) {
	t.Helper()
	for i := range shards {
		shards[i].verify(t)
	}
}

// verify checks sh, under its lock, against what it counts.
func (sh *shard) verify(t require.TestingT) {
	sh.mu.Lock()
	defer sh.mu.Unlock()
	tab := sh.table.Load()
	live, used, copied := 0, 0, 0
	for j := uint64(0); j <= tab.mask; j++ {
		s := tab.slot(j).Load()
		if s == nil {
			continue
		}
		used++
		if s == tombstone {
			continue
		}
		live++
		h := hash(s.ID())
		assert.Same(t, sh, shardOf(h), "in a foreign shard")
		assert.Same(t, s, tab.find(s.ID(), h), "not found")
		if j < uint64(sh.copied) {
			copied++
			assert.Same(t, s, sh.next.find(s.ID(), h), "not found in the next table")
		}
	}
	assert.EqualValues(t, sh.live, live)
	assert.EqualValues(t, sh.usedSlots, used)
	assert.LessOrEqual(t, used, int(brim(tab.size())), "too full")
	if sh.next != nil {
		verifyNext(t, sh, copied)
	} else {
		assert.Zero(t, sh.copied)
	}
	assert.True(t, sh.free == nil || sh.free.Idle(), "a State in reserve holds something")
}

// verifyNext checks the next table of sh, in which there must be so many
// entries.
func verifyNext(t require.TestingT, sh *shard, entries int) {
	live, used := 0, 0
	for j := uint64(0); j <= sh.next.mask; j++ {
		if s := sh.next.slot(j).Load(); s != nil {
			used++
			if s != tombstone {
				live++
			}
		}
	}
	assert.Equal(t, entries, live, "the next table has others than those copied")
	assert.EqualValues(t, sh.nextUsed, used)
	assert.LessOrEqual(t, used, int(limit(sh.next.size())))
}

// replace gives sh another table of the same size. mu must be held.
func (sh *shard) replace() {
	t := sh.table.Load()
	sh.growth = growth{next: newTable(t.size()), growing: true}
	sh.copySlots(t, t.size())
}

func TestInsertAndRemove(t *testing.T) {
	id := goroutine.ID()
	require.Zero(t, entriesOf(id))
	require.Nil(t, Lookup())
	s := LookupOrInsert()
	require.Same(t, s, LookupOrInsert())
	require.Same(t, s, Lookup())
	require.Equal(t, id, s.ID())
	require.True(t, s.IsBase())
	require.True(t, s.Idle())
	require.Equal(t, 1, entriesOf(id))
	verify(t)
	s.Remove()
	require.Nil(t, Lookup())
	require.Zero(t, entriesOf(id))
	verify(t)
}

func entriesOf(id int64) (n int) {
	for _, e := range Entries() {
		if e.ID == id {
			n++
		}
	}
	return n
}

// TestGrowthWithOwners has goroutines insert and remove their entries while
// tables grow, are swept and shrink. Each finds its own entry at every moment.
func TestGrowthWithOwners(t *testing.T) {
	rounds := 30
	for round := 0; round < rounds; round++ {
		n := 1 << (round % 10)
		var wg, in sync.WaitGroup
		release := make(chan struct{})
		wg.Add(n)
		in.Add(n)
		for i := 0; i < n; i++ {
			go func(i int) {
				defer wg.Done()
				for again := 0; again < 20; again++ {
					assert.Nil(t, Lookup())
					s := LookupOrInsert()
					for looks := 0; looks < 5; looks++ {
						assert.Same(t, s, Lookup())
						assert.Equal(t, goroutine.ID(), s.ID())
						assert.True(t, s.Idle())
						runtime.Gosched()
					}
					if again == 10 {
						in.Done()
						<-release
						assert.Same(t, s, Lookup())
					}
					s.Remove()
				}
			}(i)
		}
		sweeping := make(chan struct{})
		go func() {
			defer close(sweeping)
			for i := 0; i < 10; i++ {
				Sweep()
				ReadStats()
			}
		}()
		in.Wait()
		verify(t)
		<-sweeping
		close(release)
		wg.Wait()
	}
	verify(t)
}

// crowd starts n goroutines that insert entries and keep checking them until
// leave is called, which waits for them.
func crowd(t *testing.T, n int) (leave func()) {
	var in, out sync.WaitGroup
	release := make(chan struct{})
	in.Add(n)
	out.Add(n)
	for i := 0; i < n; i++ {
		go func() {
			defer out.Done()
			s := LookupOrInsert()
			in.Done()
			<-release
			assert.Same(t, s, Lookup())
			s.Remove()
		}()
	}
	in.Wait()
	return func() {
		close(release)
		out.Wait()
	}
}

// TestSweepRemovesTheEndedOnly sweeps entries of ended goroutines among those
// of live ones.
func TestSweepRemovesTheEndedOnly(t *testing.T) {
	const dead, alive = 5000, 300
	Sweep()
	before := ReadStats()
	leave := crowd(t, alive)
	var ended sync.WaitGroup
	ended.Add(dead)
	for i := 0; i < dead; i++ {
		go func() { defer ended.Done(); LookupOrInsert() }()
	}
	ended.Wait()
	// The last of them may not be quite dead yet.
	const rest = 50
	most := before.Live + alive + rest
	if !goroutine.FastLiveness {
		most = 2*uint64(runtime.NumGoroutine()) + slack + rest
	}
	Sweep()
	st := ReadStats()
	require.LessOrEqual(t, st.Live, most)
	require.GreaterOrEqual(t, st.Live, uint64(alive))
	require.Greater(t, st.Reclaimed-before.Reclaimed, uint64(dead/2))
	require.Greater(t, st.Sweeps, before.Sweeps)
	verify(t)
	leave()
	for Live() > int(before.Live)+rest {
		Sweep()
		runtime.Gosched()
	}
}

// TestDumpSweepSparesNewcomers checks that a goroutine that starts after the
// entries were listed, or after the dump, keeps its entry. It tests the sweep
// that is used without FastLiveness.
func TestDumpSweepSparesNewcomers(t *testing.T) {
	stop := make(chan struct{})
	var starters sync.WaitGroup
	for i := 0; i < 4; i++ {
		starters.Add(1)
		go func() {
			defer starters.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				var wg sync.WaitGroup
				for n := 0; n < 20; n++ {
					wg.Add(1)
					go func() {
						defer wg.Done()
						s := LookupOrInsert()
						for looks := 0; looks < 3; looks++ {
							runtime.Gosched()
							if !assert.Same(t, s, Lookup(), "a living goroutine's entry is gone") {
								return
							}
						}
						s.Remove()
					}()
				}
				wg.Wait()
			}
		}()
	}
	for i := 0; i < 300 && !t.Failed(); i++ {
		sweepByDump()
	}
	close(stop)
	starters.Wait()
	verify(t)
}

// TestStaleTables checks that a look-up in an old table finds its own entry and
// no other, whatever has happened since.
func TestStaleTables(t *testing.T) {
	s := LookupOrInsert()
	defer func() { s.Remove() }()
	h := hash(s.ID())
	sh := shardOf(h)
	sh.mu.Lock()
	old := sh.table.Load()
	sh.replace()
	renewed := sh.table.Load()
	sh.mu.Unlock()
	require.NotSame(t, old, renewed)
	require.Same(t, s, old.find(s.ID(), h))
	require.Same(t, s, renewed.find(s.ID(), h))
	require.Same(t, s, Lookup())
	s.Remove()
	require.Nil(t, Lookup())
	require.Same(t, s, old.find(s.ID(), h), "what the old table has, it keeps")
	s = LookupOrInsert()
	require.Same(t, s, Lookup())
}
