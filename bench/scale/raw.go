package main

import (
	"fmt"
	"io"
	"runtime"
)

// smallest is the smallest number of live goroutines beside which first Sets
// are measured for the report's picture; the next are ten times as many each.
const smallest = 1000

// printRaw prints all results in the format of Go benchmarks: the bars, as
// ratios or sizes, and first Sets against the number of live goroutines, with
// an entry for each of them (impl=gls) and without (impl=none).
func printRaw(w io.Writer, measure func(name string, goroutines, rounds int) results, count, rounds int) {
	line := func(name, values string) {
		fmt.Fprintf(w, "Benchmark%s-%d 1 %s\n", name, runtime.GOMAXPROCS(0), values)
	}
	for n := min(smallest, count); n <= count; n *= 10 {
		for _, side := range []struct{ impl, measurement string }{{"gls", "resting"}, {"none", "resting without entries"}} {
			for _, r := range measure(side.measurement, n, 1) {
				line(fmt.Sprintf("FirstSet/goroutines=%d/impl=%s", n, side.impl),
					fmt.Sprintf("%d p50-ns %d p99-ns %d p9999-ns", r.P50, r.P99, r.P9999))
			}
		}
	}
	for _, phase := range []string{"growing", "collecting"} {
		for i := 0; i < rounds; i++ {
			without, with := measure(phase+" without entries", count, 1), measure(phase, count, 1)
			line("Bar/bar=scale-"+phase, fmt.Sprintf("%g ratio", float64(with[0].P9999)/float64(without[0].P9999)))
		}
	}
	for _, r := range measure("sweeping", count, rounds) {
		line("Bar/bar=scale-sweeping", fmt.Sprintf("%g percent", 100*r.Cost.Seconds()))
	}
	for _, r := range measure("dying", count, rounds) {
		line("Bar/bar=scale-left", fmt.Sprintf("%d entries", r.Left))
	}
}
