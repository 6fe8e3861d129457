//go:build go1.23

package registry_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/registry"
	"github.com/seed18162548/contextvars/spawn"
)

// TestStarterInBodyOfPull checks that a goroutine started in the body of a
// Pull, where bindings are on loan, does not count as left by its starter.
func TestStarterInBodyOfPull(t *testing.T) {
	tracked(t)
	v := gls.New[int]("v")
	defer v.Set(1).Reset()
	release := make(chan struct{})
	defer close(release)
	next, stop := gls.Pull(func(yield func(int) bool) {
		started := make(chan *registry.SpawnRecord)
		spawn.Go(func() {
			started <- observe().Record
			<-release
		})
		record := <-started
		require.False(t, record.StarterLeft())
		yield(1)
	})
	defer stop()
	next()
}
