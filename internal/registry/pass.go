package registry

import (
	"runtime"
	"sync"
)

// A pass is what is swept after one garbage collection. A look at an entry may
// take half a microsecond, since the State and the g have to come from memory,
// and with a million of them that is half a second. So a pass looks at few as
// long as it finds nobody, and goes on as long as it does:
//
//   - It has a budget of a part of the entries, but not of few, so that small
//     registries are always swept as a whole.
//   - Each entry that it removes extends the budget.
//   - If there are more entries than goroutines, it goes on until there are
//     not, or until it has seen all shards.
//
// The next pass begins with the shard at which this one stopped.

const (
	// passShare is the part of the entries that a pass looks at in any case:
	// after so many passes all have been.
	passShare = 64
	// passLeast is the number of entries that it looks at in any case.
	passLeast = 8192
	// passGain is how many entries more it looks at for each that it removed.
	passGain = 64
)

// passes is the state of passes.
var passes struct {
	mu    sync.Mutex // held during a pass and Sweep; no shard's lock is held when it is taken
	begin int        // the shard at which the next one begins; guarded by mu
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
