package main

import (
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestMeasurements takes each of them once, with a few goroutines.
func TestMeasurements(t *testing.T) {
	const n = 1000
	for name, measure := range measurements {
		rs := measure(n)
		require.NotEmpty(t, rs, name)
		for _, r := range rs {
			require.Equal(t, r.P50 > 0 || r.P9999 > 0, r.Longest > 0, name)
			require.LessOrEqual(t, r.P50, r.P99, name)
			require.LessOrEqual(t, r.P99, r.P9999, name)
			require.LessOrEqual(t, r.P9999, r.Longest, name)
			require.LessOrEqual(t, int64(r.Left), int64(n), name)
		}
	}
}

func TestRaw(t *testing.T) {
	var out strings.Builder
	printRaw(&out, func(name string, goroutines, rounds int) (all results) {
		for i := 0; i < rounds; i++ {
			r := result{P50: 1, P99: 2, P9999: 3, Cost: 10 * time.Millisecond, Left: 4}
			if strings.HasSuffix(name, "without entries") {
				r.P9999 = 2
			}
			all = append(all, r)
		}
		return all
	}, 10_000, 1)
	processors := "-" + strconv.Itoa(runtime.GOMAXPROCS(0))
	require.Equal(t, strings.ReplaceAll(`BenchmarkFirstSet/goroutines=1000/impl=gls-N 1 1 p50-ns 2 p99-ns 3 p9999-ns
BenchmarkFirstSet/goroutines=1000/impl=none-N 1 1 p50-ns 2 p99-ns 2 p9999-ns
BenchmarkFirstSet/goroutines=10000/impl=gls-N 1 1 p50-ns 2 p99-ns 3 p9999-ns
BenchmarkFirstSet/goroutines=10000/impl=none-N 1 1 p50-ns 2 p99-ns 2 p9999-ns
BenchmarkBar/bar=scale-growing-N 1 1.5 ratio
BenchmarkBar/bar=scale-collecting-N 1 1.5 ratio
BenchmarkBar/bar=scale-sweeping-N 1 1 percent
BenchmarkBar/bar=scale-left-N 1 4 entries
`, "-N", processors), out.String())
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
