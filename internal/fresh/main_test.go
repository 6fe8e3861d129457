//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLaunch: a process that ends well is counted, one that does not is
// reported.
func TestLaunch(t *testing.T) {
	dir := t.TempDir()
	out, err := exec.Command("go", "build", "-o", binary(dir, ""), "./program").CombinedOutput()
	require.NoError(t, err, string(out))
	l := &launcher{dir: dir, keep: filepath.Join(dir, "keep"), counts: counts{By: map[string]int{}}}
	for _, name := range programs {
		l.launch(process{program: name, stopped: true})
		l.launch(process{program: name, outcome: "safe", single: true})
	}
	require.Equal(t, 2*len(programs), l.counts.Processes)
	require.Zero(t, l.counts.Failed)
	require.Equal(t, len(programs), l.counts.By["stopped"])

	l.launch(process{program: "none"})
	require.Equal(t, 1, l.counts.Failed)
	kept, err := os.ReadDir(l.keep)
	require.NoError(t, err)
	require.Len(t, kept, 1)
}

// TestEveryCombinationComesUp within the short form.
func TestEveryCombinationComesUp(t *testing.T) {
	seen := map[process]bool{}
	for i := 0; i < 400; i++ {
		seen[choose(i, false)] = true
	}
	// Two outcomes for two builds, four for the two that can be told.
	require.Len(t, seen, len(programs)*2*2*(2*2+2*4))
}

func TestCountsAddUp(t *testing.T) {
	file := filepath.Join(t.TempDir(), "counts.json")
	for i := 1; i <= 3; i++ {
		sum, err := counts{Processes: 10, Failed: 1, By: map[string]int{"x": 5}}.addTo(file)
		require.NoError(t, err)
		require.Equal(t, counts{Processes: 10 * i, Failed: i, By: map[string]int{"x": 5 * i}}, sum)
	}
}
