package registry

// Live returns the number of goroutines that have an entry, including ended
// ones that no sweep has found yet. It locks one shard after the other.
func Live() int { return int(ReadStats().Live) }

// Stats holds the counters of the registry. Live and Slots are current values;
// the others count since the start of the process.
type Stats struct {
	Live      uint64 // entries
	Slots     uint64 // size of the tables
	Sweeps    uint64 // shards swept
	Reclaimed uint64 // entries removed by sweeps
}

// ReadStats returns the sums over all shards, which it locks one after the
// other.
func ReadStats() (st Stats) {
	for i := range shards {
		sh := &shards[i]
		sh.mu.Lock()
		st.Live += uint64(sh.live)
		st.Slots += uint64(sh.table.Load().size())
		sh.mu.Unlock()
	}
	st.Sweeps, st.Reclaimed = swept.shards.Load(), swept.entries.Load()
	return st
}
