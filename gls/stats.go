package gls

import (
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/registry"
)

// Stats describe what the library holds and how it works in this process.
type Stats struct {
	Live      uint64 // goroutines that hold state, ended ones not yet reclaimed included
	Slots     uint64 // hash table slots, of one pointer each
	Sweeps    uint64 // sweeps of a shard, since the process started
	Reclaimed uint64 // entries that sweeps removed, since the process started

	// FastID reports that goroutine IDs are read from the runtime's g; else
	// they are parsed from stack traces, at a microsecond each: on ports
	// without support, under the build tag gls_safe or GLS_SAFE=1, or because
	// the check at start-up found a difference.
	FastID bool
	// FastLiveness reports that a sweep asks the runtime's g whether a
	// goroutine has ended; else it takes a stack trace of all goroutines,
	// which stops the world, and only when there are clearly more entries
	// than goroutines.
	FastLiveness bool
}

// Live returns the number of goroutines that hold state now, ended ones that
// are not yet reclaimed included. It locks the shards one after the other.
func Live() int { return registry.Live() }

// ReadStats returns the counters. It costs what [Live] does.
func ReadStats() Stats {
	st := registry.ReadStats()
	return Stats{
		Live:         st.Live,
		Slots:        st.Slots,
		Sweeps:       st.Sweeps,
		Reclaimed:    st.Reclaimed,
		FastID:       goroutine.ReadsG(),
		FastLiveness: goroutine.FastLiveness,
	}
}
