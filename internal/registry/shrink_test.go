package registry

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/internal/goroutine"
)

const manySlots = 1 << 15

// TestShrink checks that the memory of large tables is freed.
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

// TestShrinkBesideCollections shrinks while passes after collections sweep the
// same tables.
func TestShrinkBesideCollections(t *testing.T) {
	done, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			select {
			case <-done:
				return
			default:
				runtime.GC()
			}
		}
	}()
	for i := 0; i < 3; i++ {
		TestShrink(t)
	}
	close(done)
	<-stopped
}

// TestDumpSweepShrinks checks this for a sweep by dump, even if no entry is
// left.
func TestDumpSweepShrinks(t *testing.T) {
	crowd(t, manySlots)()
	passes.mu.Lock() // no pass is replacing the table meanwhile
	defer passes.mu.Unlock()
	sweepByDump()
	require.LessOrEqual(t, ReadStats().Slots, uint64(shrinkAbove*len(shards)))
}
