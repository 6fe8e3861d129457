package spawn_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

// TestOnForkIsNotCalledForWhatDoesNotStart calls TryGo when the limit is
// reached.
func TestOnForkIsNotCalledForWhatDoesNotStart(t *testing.T) {
	calls := 0
	v := gls.New("v", gls.OnFork(func(x int) int { calls++; return x }))
	defer v.Set(1).Reset()
	var g spawn.Group
	g.SetLimit(1)
	release := make(chan struct{})
	require.True(t, g.TryGo(func() error { <-release; return nil }))
	require.Equal(t, 1, calls)
	require.False(t, g.TryGo(func() error { t.Error("started"); return nil }))
	close(release)
	require.NoError(t, g.Wait())
	require.Equal(t, 1, calls)
}
