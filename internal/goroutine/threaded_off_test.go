//go:build wasm

package goroutine_test

import "testing"

// addThreaded adds nothing: there is one thread and no preemption, so a
// goroutine that runs or waits in a system call stops all others.
func addThreaded(*testing.T, map[string]func(stop chan struct{})) {}
