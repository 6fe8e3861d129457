package gls_test

import (
	"testing"
	"time"

	"github.com/petermattis/goid"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/registry/registrytest"
)

func TestRelease(t *testing.T) {
	v, w := gls.New[int]("v"), gls.New[int]("w")
	before := registrytest.Now()
	gls.Release() // with nothing to drop
	v.Set(1)
	w.Set(2)
	gls.Release()
	require.Zero(t, gls.CopyContext().Len())
	require.Empty(t, before.New())
	gls.Release()
}

func TestReleaseInsideARunEmptiesTheBaseOnly(t *testing.T) {
	v := gls.New[string]("v")
	v.Set("base")
	c, d := gls.NewContext(), gls.NewContext()
	c.Run(func() {
		v.Set("c")
		d.Run(func() {
			v.Set("d")
			gls.Release()
			require.Equal(t, "d", v.Get())
			require.ErrorIs(t, c.TryRun(func() {}), gls.ErrEntered)
		})
		require.Equal(t, "c", v.Get())
		gls.Release()
		require.Equal(t, "c", v.Get())
	})
	_, ok := v.Lookup()
	require.False(t, ok)
	require.Equal(t, 1, c.Len())
	require.Equal(t, 1, d.Len())
}

// TestTokensOutliveRelease checks that each token restores what preceded its
// Set.
func TestTokensOutliveRelease(t *testing.T) {
	v, w := gls.New[int]("v"), gls.New[int]("w")
	t1 := v.Set(1)
	t2 := v.Set(2)
	t3 := w.Set(3)
	t4 := v.Set(4)
	gls.Release()
	v.Reset(t4)
	require.Equal(t, 2, v.Get())
	w.Reset(t3)
	_, ok := w.Lookup()
	require.False(t, ok)
	gls.Release()
	w.Set(9)
	v.Reset(t2)
	require.Equal(t, 1, v.Get())
	require.Equal(t, 9, w.Get())
	v.Reset(t1)
	_, ok = v.Lookup()
	require.False(t, ok)
	require.ErrorIs(t, v.TryReset(t1), gls.ErrTokenUsed)
	gls.Release()
	require.ErrorIs(t, v.TryReset(t2), gls.ErrTokenUsed)
	require.Zero(t, gls.CopyContext().Len())
}

// TestReleaseIsOfTheCaller checks that Release does not affect other
// goroutines.
func TestReleaseIsOfTheCaller(t *testing.T) {
	v := gls.New[int]("v")
	defer v.Set(1).Reset()
	elsewhere(func() {
		v.Set(2)
		gls.Release()
		assert.Zero(t, v.Get())
	})
	require.Equal(t, 1, v.Get())
}

func TestStats(t *testing.T) {
	settle()
	v := gls.New[int]("v")
	defer v.Set(1).Reset()
	st := gls.ReadStats()
	require.NotZero(t, st.Live)
	require.GreaterOrEqual(t, st.Slots, st.Live)
	if st.FastLiveness {
		require.True(t, st.FastID)
	}
}

// TestOneEntryAGoroutine checks that Live counts a goroutine once, whichever
// Context it is in.
func TestOneEntryAGoroutine(t *testing.T) {
	v := gls.New[int]("v")
	before := registrytest.Now()
	elsewhere(func() {
		id := goid.Get()
		token := v.Set(2)
		assert.Equal(t, []int64{id}, before.New())
		gls.NewContext().Run(func() { assert.Equal(t, []int64{id}, before.New()) })
		v.Reset(token)
		assert.Empty(t, before.New())
		gls.NewContext().Run(func() { assert.Equal(t, []int64{id}, before.New(), "inside a Context") })
		assert.Empty(t, before.New())
	})
	// What is left of other tests may go meanwhile.
	require.Eventually(t, func() bool { return gls.Live() == len(registrytest.Now()) }, 10*time.Second, time.Millisecond)
}
