package spawn_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

// TestTryGoForksOnlyWhatStarts checks that OnFork is called once per start.
func TestTryGoForksOnlyWhatStarts(t *testing.T) {
	calls := 0
	v := gls.New("v", gls.OnFork(func(x int) int { calls++; return x + 1 }))
	defer v.Set(1).Reset()

	var g spawn.Group
	g.SetLimit(1)
	block := make(chan struct{})
	g.Go(func() error { <-block; return nil })
	require.False(t, g.TryGo(func() error { return nil }))
	require.Equal(t, 1, calls)
	close(block)
	require.NoError(t, g.Wait())

	seen := 0
	require.True(t, g.TryGo(func() error { seen = v.Get(); return nil }))
	require.NoError(t, g.Wait())
	require.Equal(t, 2, calls)
	require.Equal(t, 2, seen)
}

// TestForkThatPanics checks that no function of the user is started and that
// nothing is left.
func TestForkThatPanics(t *testing.T) {
	v := gls.New("v", gls.OnFork(func(x int) int {
		if x > 1 {
			panic("no fork")
		}
		return x
	}))
	defer v.Set(2).Reset()
	started := func() (int, error) { t.Error("started"); return 0, nil }

	var g spawn.Group
	require.PanicsWithValue(t, "no fork", func() {
		g.TryGo(func() error { _, err := started(); return err })
	})
	require.NoError(t, g.Wait())
	require.PanicsWithValue(t, "no fork", func() { _, _ = spawn.Gather(started, started) })
}
