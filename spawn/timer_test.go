package spawn_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

// TestTimerFiringsOverlap resets a timer while its function runs. The second
// firing has its own copy.
func TestTimerFiringsOverlap(t *testing.T) {
	v := gls.New[int]("v")
	token := v.Set(1)
	fired, release, done := make(chan int), make(chan struct{}), make(chan struct{})
	timer := spawn.AfterFunc(0, func() {
		x := v.Get()
		v.Set(2)
		fired <- x
		<-release
		assert.Equal(t, 2, v.Get())
		done <- struct{}{}
	})
	token.Reset() // captured when it was scheduled
	const firings = 5
	for i := 0; i < firings; i++ {
		require.Equal(t, 1, <-fired, "firing %d", i)
		if i < firings-1 {
			timer.Reset(0)
		}
	}
	close(release)
	for i := 0; i < firings; i++ {
		<-done
	}
	require.False(t, timer.Stop())
}

func TestTimerStops(t *testing.T) {
	timer := spawn.AfterFunc(time.Hour, func() { t.Error("fired") })
	require.True(t, timer.Stop())
	require.False(t, timer.Stop())
}

func TestContextAfterFunc(t *testing.T) {
	v := gls.New[string]("v")
	ctx, cancel := context.WithCancel(background)
	seen := make(chan string)
	token := v.Set("registrar")
	stop := spawn.ContextAfterFunc(ctx, func() { seen <- v.Get() })
	stopped := spawn.ContextAfterFunc(ctx, func() { t.Error("called") })
	require.True(t, stopped())
	require.False(t, stopped())
	token.Reset()
	defer v.Set("canceller").Reset()
	cancel()
	require.Equal(t, "registrar", <-seen)
	require.False(t, stop())

	defer v.Set("too late").Reset()
	spawn.ContextAfterFunc(ctx, func() { seen <- v.Get() }) // done already
	require.Equal(t, "too late", <-seen)
}
