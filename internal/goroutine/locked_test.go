//go:build gc && !gls_safe && (386 || amd64 || arm || arm64 || s390x)

package goroutine

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFindLocked checks that every goroutine finds lockedm at the same offset,
// except one that is already locked, in which the word does not change.
func TestFindLocked(t *testing.T) {
	type finding struct {
		offset uintptr
		ok     bool
	}
	found := make(chan finding)
	for i := 0; i < 100; i++ {
		go func() {
			offset, ok := findLocked(getg())
			found <- finding{offset, ok}
		}()
	}
	first := <-found
	require.True(t, first.ok)
	for i := 1; i < 100; i++ {
		require.Equal(t, first, <-found)
	}

	go func() {
		runtime.LockOSThread()
		offset, ok := findLocked(getg())
		found <- finding{offset, ok}
	}()
	require.False(t, (<-found).ok, "the word was found on a locked goroutine, where it does not change")
}

// TestLockedGoroutineHasLockedM checks the word that distinguishes a C thread's
// goroutine between two callbacks from one that has ended.
func TestLockedGoroutineHasLockedM(t *testing.T) {
	l := selfTest(FastID, calibrate).layout
	locked, release := make(chan sample), make(chan struct{})
	go func() {
		runtime.LockOSThread() // and ends locked: the thread ends with it
		locked <- sample{getg(), ID()}
		<-release
	}()
	s := <-locked
	require.NotZero(t, l.observe(s.g).lockedM)
	require.False(t, l.ended(s.g, s.id))
	close(release)
	require.True(t, eventually(func() bool { return l.ended(s.g, s.id) }), "lockedm outlives the goroutine")
}
