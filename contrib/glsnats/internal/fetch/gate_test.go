package fetch

import (
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// forever is longer than any test.
const forever = time.Hour

// wants has a suspect want to enter, and returns what becomes of it.
func wants(g *Gate, limit int, stop <-chan struct{}) <-chan Outcome {
	end := make(chan Outcome, 1)
	g.mu.Lock()
	before := len(g.waiting) + len(g.limits)
	g.mu.Unlock()
	go func() { end <- g.EnterSuspect(limit, forever, stop) }()
	for { // until it is in or waits
		g.mu.Lock()
		after := len(g.waiting) + len(g.limits)
		g.mu.Unlock()
		if after > before || len(end) > 0 {
			return end
		}
	}
}

func TestGateIsOpen(t *testing.T) {
	var g Gate
	for range 100 {
		require.True(t, g.Open())
		require.True(t, g.Enter(0, nil))
	}
	for range 100 {
		g.Leave(0)
	}
	require.Zero(t, g.inside)
}

// TestSuspectsWaitForSmallCompany has a suspect enter as soon as few enough are
// inside, and nobody else meanwhile.
func TestSuspectsWaitForSmallCompany(t *testing.T) {
	var g Gate
	for range 5 {
		require.True(t, g.Enter(0, nil))
	}
	three := wants(&g, 3, nil)
	require.False(t, g.Open())
	require.False(t, g.Enter(0, nil), "it would keep the suspect waiting")
	g.Leave(0)
	g.Leave(0)
	require.Empty(t, three, "it would be the fourth")
	g.Leave(0)
	require.Equal(t, Entered, <-three)
	require.False(t, g.Open())
	require.Equal(t, 3, g.inside)

	sixteen := wants(&g, 16, nil)
	require.Empty(t, sixteen, "the one inside may have two beside it")
	g.Leave(0)
	require.Equal(t, Entered, <-sixteen)
	g.Leave(3)
	g.Leave(16)
	require.True(t, g.Open(), "no suspect is left")
	require.Equal(t, 1, g.inside)
}

// TestSuspectsKeepTheirOrder has one that must be alone go first although there
// is room for the one behind it.
func TestSuspectsKeepTheirOrder(t *testing.T) {
	var g Gate
	require.True(t, g.Enter(0, nil))
	alone, behind := wants(&g, 1, nil), wants(&g, 16, nil)
	require.Empty(t, behind)
	g.Leave(0)
	require.Equal(t, Entered, <-alone)
	require.Empty(t, behind)
	g.Leave(1)
	require.Equal(t, Entered, <-behind)
}

func TestSuspectsGiveUp(t *testing.T) {
	var g Gate
	require.True(t, g.Enter(0, nil))
	require.Equal(t, TooLong, g.EnterSuspect(1, time.Millisecond, nil))
	require.True(t, g.Open())

	stop := make(chan struct{})
	stopped := wants(&g, 1, stop)
	close(stop)
	require.Equal(t, Stopped, <-stopped)
	require.True(t, g.Open())

	var waiting []<-chan Outcome
	for range MaxSuspects {
		waiting = append(waiting, wants(&g, 1, nil))
	}
	require.Equal(t, Crowded, g.EnterSuspect(1, forever, nil))
	g.Leave(0)
	for _, w := range waiting {
		require.Equal(t, Entered, <-w)
		g.Leave(1)
	}
	require.True(t, g.Open())
}

// TestOthersWaitForTheGate has jobs that are no suspects enter once it opens.
func TestOthersWaitForTheGate(t *testing.T) {
	var g Gate
	require.Equal(t, Entered, g.EnterSuspect(1, forever, nil))
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if !g.Enter(forever, nil) {
				t.Error("it was not let in")
			}
		})
	}
	stop := make(chan struct{})
	close(stop)
	require.False(t, g.Enter(forever, stop))
	g.Leave(1)
	all.Wait()
	require.Equal(t, 10, g.inside)
}

// TestGateIsShut has nobody enter a process that is about to die.
func TestGateIsShut(t *testing.T) {
	var g Gate
	require.True(t, g.Enter(0, nil))
	suspect := wants(&g, 1, nil)
	g.Shut()
	g.Leave(0)
	require.Empty(t, suspect)
	require.False(t, g.Enter(0, nil))
	require.False(t, g.Open())
}

// TestGateStress has suspects and others come and go, and checks the company of
// each suspect.
func TestGateStress(t *testing.T) {
	var g Gate
	var mu sync.Mutex
	var inside int
	limits := map[int]int{}
	enter := func(limit int) {
		mu.Lock()
		defer mu.Unlock()
		inside++
		limits[limit]++
		for l, n := range limits {
			if l > 0 && n > 0 && inside > l {
				t.Errorf("%d are inside with one that may have %d", inside, l)
			}
		}
	}
	leave := func(limit int) {
		mu.Lock()
		inside--
		limits[limit]--
		mu.Unlock()
		g.Leave(limit)
	}
	var all sync.WaitGroup
	for i := range 12 {
		limit := []int{0, 0, 1, 2, 5, 0}[i%6]
		all.Go(func() {
			for range 500 {
				if limit == 0 && g.Enter(forever, nil) || limit > 0 && g.EnterSuspect(limit, forever, nil) == Entered {
					enter(limit)
					leave(limit)
				}
			}
		})
	}
	all.Wait()
	require.True(t, g.Open())
	require.Zero(t, g.inside)
}

func TestBudget(t *testing.T) {
	const mib = 1 << 20
	for _, row := range []struct {
		name       string
		maxPayload int64
		fetchers   int64
		share      int64
	}{
		{"default of the server", mib, 1, 8 * mib},
		{"shared", mib, 4, 2 * mib},
		{"never less than a message", mib, 100, mib + overhead},
		{"large messages", 8 * mib, 1, 32 * mib},
		{"large messages, shared", 8 * mib, 8, 8*mib + overhead},
		{"the largest that there are", 64 * mib, 2, 64*mib + overhead},
	} {
		t.Run(row.name, func(t *testing.T) {
			b := NewBudget(row.maxPayload)
			b.fetchers.Store(row.fetchers)
			require.Equal(t, row.share, b.share())
		})
	}
}
