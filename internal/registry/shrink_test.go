package registry

import (
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestListedSweepShrinks: tables that were large are given back, also by a sweep
// that lists goroutines, and also if no entry is left to ask for.
func TestListedSweepShrinks(t *testing.T) {
	const n = 1 << 15
	var in, out sync.WaitGroup
	release := make(chan struct{})
	in.Add(n)
	out.Add(n)
	for i := 0; i < n; i++ {
		go func() {
			defer out.Done()
			s := Join()
			in.Done()
			<-release
			s.Leave()
		}()
	}
	in.Wait()
	close(release)
	out.Wait()
	sweepListed()
	require.LessOrEqual(t, ReadStats().Slots, uint64(shrinkAbove*len(shards)))
}
