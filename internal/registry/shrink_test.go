package registry

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/internal/goroutine"
)

const manySlots = 1 << 15

// TestShrink: tables that were large are given back.
func TestShrink(t *testing.T) {
	leave := crowd(t, manySlots)
	require.GreaterOrEqual(t, ReadStats().Slots, uint64(manySlots))
	leave()
	Sweep()
	if small := ReadStats().Slots; goroutine.FastLiveness {
		require.LessOrEqual(t, small, uint64(shrinkAbove*len(shards)))
	}
	verify(t)
}

// TestDumpSweepShrinks: so they are by a sweep that dumps goroutines, and also
// if no entry is left to ask for.
func TestDumpSweepShrinks(t *testing.T) {
	crowd(t, manySlots)()
	sweepByDump()
	require.LessOrEqual(t, ReadStats().Slots, uint64(shrinkAbove*len(shards)))
}
