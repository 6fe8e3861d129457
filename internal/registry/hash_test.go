package registry

import (
	"math/rand"
	"testing"

	"github.com/stretchr/testify/require"
)

// spread puts n entries whose IDs are stride apart into tables that grow as
// shards' do, and returns how many slots a look-up meets on average, and how
// many entries the fullest shard has.
func spread(first, stride int64, n int) (mean float64, fullest int) {
	var tables [1 << shardBits]*table
	var taken [1 << shardBits]int
	grow := func(i uint64) {
		slots := minSlots
		for int(limit(slots)) < taken[i]+taken[i]/2+1 {
			slots *= 2
		}
		grown := newTable(slots)
		if old := tables[i]; old != nil {
			for j := uint64(0); j <= old.mask; j++ {
				if s := old.slot(j).Load(); s != nil {
					grown.put(s, hash(s.ID()))
				}
			}
		}
		tables[i] = grown
	}
	for k := int64(0); k < int64(n); k++ {
		id := first + k*stride
		i := shardIndex(hash(id))
		if tables[i] == nil || taken[i] >= int(limit(tables[i].size())) {
			grow(i)
		}
		s := newState()
		s.owner.Store(id)
		tables[i].put(s, hash(id)) // it has room
		taken[i]++
		fullest = max(fullest, taken[i])
	}
	met := 0
	for _, t := range tables {
		if t == nil {
			continue
		}
		for j := uint64(0); j <= t.mask; j++ {
			if s := t.slot(j).Load(); s != nil {
				met += int((j-t.home(hash(s.ID())))&t.mask) + 1
			}
		}
	}
	return float64(met) / float64(n), fullest
}

// strides are differences of IDs in an arithmetic progression: small ones,
// powers of two and numbers near them, the Fibonacci numbers, for which a
// multiplication by the golden ratio fails, and random ones.
func strides(any int) (all []int64) {
	const most = 1 << 32
	for stride := int64(1); stride <= most; stride *= 2 {
		all = append(all, stride)
		if stride > 2 && stride < most {
			all = append(all, stride-1, stride+1, stride/2*3)
		}
	}
	for f, g := int64(1), int64(2); g < most; f, g = g, f+g {
		all = append(all, g)
	}
	all = append(all, 16, 48, 3312, 7728, 1e3, 1e6, 1e9)
	for i := 0; i < any; i++ {
		all = append(all, 1+rand.Int63n(1<<uint(1+rand.Intn(32))))
	}
	return all
}

// TestStridesDoNotCluster checks many sets of goroutines that a client could
// keep alive.
func TestStridesDoNotCluster(t *testing.T) {
	for _, row := range []struct{ live, any int }{{1000, 1000}, {100_000, 5}} {
		list := strides(row.any)
		if row.live > 1000 { // they take long
			rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
			list = append([]int64{1, 317811}, list[:10]...)
		}
		for _, stride := range list {
			mean, fullest := spread(1+rand.Int63n(1<<20), stride, row.live)
			require.LessOrEqual(t, mean, 3.0, "%d entries, stride %d", row.live, stride)
			if len(shards) > 1 {
				require.LessOrEqual(t, fullest, 50+2*row.live/len(shards), "%d entries, stride %d", row.live, stride)
			}
		}
	}
}

// TestNewcomersBesideOldOnes has goroutines with consecutive IDs come and go
// beside old ones whose IDs are 16 apart.
func TestNewcomersBesideOldOnes(t *testing.T) {
	const old, newcomers = 200, 100_000
	tab := newTable(1024)
	for id := int64(1); id <= old; id++ {
		s := newState()
		s.owner.Store(id * 16)
		tab.put(s, hash(s.ID()))
	}
	longest := 0
	for id := int64(5000); id < 5000+newcomers; id++ {
		probe := 0
		for i := tab.home(hash(id)); tab.slot(i&tab.mask).Load() != nil; i++ {
			probe++
		}
		longest = max(longest, probe)
	}
	require.LessOrEqual(t, longest, 20)
}

// TestHashIsSecret checks that the multipliers differ between processes and are
// odd, so that no two IDs have the same hash.
func TestHashIsSecret(t *testing.T) {
	require.NotEqual(t, multiplier1, multiplier2)
	for _, m := range []uint64{multiplier1, multiplier2} {
		require.EqualValues(t, 1, m&1)
		require.Greater(t, m, uint64(1<<16), "not one of chance")
	}
}
