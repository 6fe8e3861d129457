package main

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// TestNumbersAreComplete: there is a number for each operation, and for no
// other.
func TestNumbersAreComplete(t *testing.T) {
	release, counts := parse(committed)
	require.Regexp(t, `^go1\.\d+`, release)
	require.Len(t, counts, len(operations))
	for _, op := range operations {
		require.Positive(t, counts[op.name], op.name)
		op.run(3)
	}
}

func TestJudge(t *testing.T) {
	require.Empty(t, judge(100, 100))
	require.Empty(t, judge(101.9, 100))
	require.Empty(t, judge(98.1, 100))
	require.Contains(t, judge(102.1, 100), "MORE")
	require.Contains(t, judge(97.9, 100), "LESS")
	require.Contains(t, judge(100, 0), "NEW")
}
