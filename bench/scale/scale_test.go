package main

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestMeasurements takes each of them once, with a few goroutines.
func TestMeasurements(t *testing.T) {
	const n = 1000
	for name, measure := range measurements {
		r := measure(n)
		require.Equal(t, r.P50 > 0 || r.P9999 > 0, r.Longest > 0, name)
		require.LessOrEqual(t, r.P50, r.P99, name)
		require.LessOrEqual(t, r.P99, r.P9999, name)
		require.LessOrEqual(t, r.P9999, r.Longest, name)
		require.LessOrEqual(t, int64(r.Left), int64(n), name)
	}
}

func TestLatencies(t *testing.T) {
	var all []time.Duration
	for i := 10_000; i > 0; i-- {
		all = append(all, time.Duration(i))
	}
	require.Equal(t, result{P50: 5001, P99: 9901, P9999: 10_000, Longest: 10_000}, latencies(all))
}

func TestMedianAndWorst(t *testing.T) {
	rs := results{{Cost: 3}, {Cost: 1}, {Cost: 2}}
	require.EqualValues(t, 2, rs.median(cost))
	require.EqualValues(t, 3, rs.worst(cost))
}

func TestBar(t *testing.T) {
	require.True(t, bar("met", 3, 3, "times"))
	require.False(t, bar("missed", 3.01, 3, "times"))
}
