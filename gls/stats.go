package gls

import (
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/registry"
)

// Stats describes what the library holds and how it works in this process.
type Stats struct {
	Live      uint64 // goroutines that hold state, including ended ones that are not yet reclaimed
	Slots     uint64 // hash table slots, of one pointer each
	Sweeps    uint64 // sweeps of a shard, since the process started
	Reclaimed uint64 // entries that sweeps removed, since the process started

	// FastID reports whether goroutine IDs are read from the runtime's g. If not,
	// they are parsed from stack traces, at a microsecond each: because the port is
	// not supported, because of the build tag gls_safe or GLS_SAFE=1, or because
	// the check at start-up found a difference.
	FastID bool
	// FastLiveness reports whether sweeps read from the runtime's g that a
	// goroutine has ended. If not, a sweep takes a stack trace of all goroutines,
	// which stops the world, but does so only if there are clearly more entries
	// than goroutines.
	FastLiveness bool
}

// Live returns the number of goroutines that hold state now, including ended
// ones that are not yet reclaimed. It locks the shards one after the other.
func Live() int { return registry.Live() }

// ReadStats returns the current Stats. It costs the same as [Live].
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
