//go:build !wasm

package goroutine_test

import (
	"io"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// addThreaded adds the occupations that take a thread away from all others.
func addThreaded(t *testing.T, work map[string]func(stop chan struct{})) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	work["run"] = func(stop chan struct{}) {
		for !closed(stop) {
		}
	}
	work["system call"] = func(stop chan struct{}) {
		go func() { <-stop; w.Close() }()
		_, _ = io.ReadAll(r)
	}
}
