package registry

import (
	"runtime"
	"sync"
)

// A pass is the sweep after one garbage collection. Checking an entry may take
// half a microsecond, because the State and the g have to be fetched from
// memory, and thus half a second for a million entries. So a pass checks only a
// few entries unless it finds some to remove:
//
//   - Its budget is a fraction of the entries, with a minimum, so that small
//     registries are always swept as a whole.
//   - Each entry that it removes extends the budget.
//   - If there are more entries than goroutines, it goes on until there are no
//     longer more, or until it has swept all shards.
//
// The next pass begins with the shard at which this one stopped.

const (
	// A pass checks at least one of passShare entries, so passShare passes check
	// all of them.
	passShare = 64
	// passLeast is the minimum number of entries that a pass checks.
	passLeast = 8192
	// passGain is the number of additional entries for each one removed.
	passGain = 64
)

// passes is the state of passes.
var passes struct {
	mu    sync.Mutex // held during a pass and Sweep; no shard's lock is held when it is taken
	begin int        // the shard at which the next pass begins; guarded by mu
}

// pass sweeps after a garbage collection. It requires FastLiveness.
func pass() {
	passes.mu.Lock()
	defer passes.mu.Unlock()
	live := Live()
	budget := max(live/passShare, passLeast)
	surplus := live - runtime.NumGoroutine()
	for n := 0; n < len(shards) && (budget > 0 || surplus > 0); n++ {
		sh := &shards[passes.begin]
		passes.begin = (passes.begin + 1) % len(shards)
		entries, found := sh.sweep()
		budget += found*passGain - entries
		surplus -= found
		sh.shrink()
	}
}
