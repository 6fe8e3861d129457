package registry

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/internal/goroutine"
)

// TestDumpsAreAmortised ends goroutines beside others, some of which hold
// entries, and beside entries that no dump removes. Whatever the numbers are,
// the number of dumped traces is in proportion to the insertions.
func TestDumpsAreAmortised(t *testing.T) {
	for _, row := range []struct {
		name                      string
		goroutines, holding, lost int
	}{
		{"few", 4, 1, 0},
		{"many", 60_000, 0, 0},
		{"many that hold entries", 60_000, 60_000, 0},
		{"entries that cannot go", 100, 0, 50_000},
		{"both", 10_000, 10_000, 50_000},
	} {
		var p dumpPace
		const insertions = 1_000_000
		traces, live := 0, row.holding
		for i := 0; i < insertions; i++ {
			live++
			if p.pays(live, row.goroutines, 0) {
				traces += row.goroutines
				live = row.holding + min(row.lost, i)
				p.left = live
			}
			require.LessOrEqual(t, live, 3*(row.goroutines+row.holding+row.lost)+slack, row.name)
		}
		require.LessOrEqual(t, traces, insertions, row.name)
	}
}

// TestDumpAfterCollections checks that a dump that no insertion pays for waits
// until the last one is long ago.
func TestDumpAfterCollections(t *testing.T) {
	p := dumpPace{left: 1000, cost: time.Second, end: time.Minute}
	require.False(t, p.pays(1000, 10, 0), "of unknown time")
	require.False(t, p.pays(1000, 10, 2*time.Minute), "too early")
	require.True(t, p.pays(1000, 10, 4*time.Minute))
	require.False(t, p.pays(1000, 500, 4*time.Minute), "nobody need have ended")
	require.True(t, p.pays(2*1000+slack, 10, 0), "twice as many")
}

// TestOneDumpAtATime checks that trySweepByDump does not wait for another dump,
// and that sweepByDump does.
func TestOneDumpAtATime(t *testing.T) {
	dumps.mu.Lock()
	p := dumps.dumpPace
	trySweepByDump(0)
	require.Equal(t, p, dumps.dumpPace)
	dumps.mu.Unlock()
}

// TestDumpSparesReusedStates checks that a State that was listed, removed by
// its goroutine and reused for another one is not removed.
func TestDumpSparesReusedStates(t *testing.T) {
	first, goOn, done := make(chan candidate), make(chan struct{}), make(chan struct{})
	go func() {
		s := Insert(goroutine.Self())
		first <- candidate{s.ID(), s}
		<-goOn
		s.Remove()
		close(done)
	}()
	c := <-first
	close(goOn)
	<-done
	removeAll([]candidate{c}) // its entry is gone
	id, handle := goroutine.Self()
	s := Insert(id, handle)
	defer func() { s.Remove() }()
	other := candidate{id + 1, s} // its State is another's by now
	removeAll([]candidate{other})
	assert.Same(t, s, Lookup())
	removeAll([]candidate{{id, s}})
	assert.Nil(t, Lookup(), "the test removes nothing at all")
	s = Insert(id, handle)
	verify(t)
}
