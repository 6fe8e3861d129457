package registry

// Live returns how many goroutines have an entry, ended ones that no sweep has
// met yet included. It locks one shard after the other.
func Live() int { return int(ReadStats().Live) }

// Stats are counters of the registry since the start of the process, but for
// Live and Slots, which are of now.
type Stats struct {
	Live      uint64 // entries
	Slots     uint64 // size of the tables
	Sweeps    uint64 // shards swept
	Reclaimed uint64 // entries removed by sweeps
}

// ReadStats sums up the shards. Each is read under its lock, one after the
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
