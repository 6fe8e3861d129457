package main

import (
	"fmt"
	"slices"
	"time"
)

// A result is what one process measured.
type result struct {
	P50, P99, P9999, Longest time.Duration // of first Sets
	Cost                     time.Duration // of the sweeps after one collection
	Left                     time.Duration // a number of entries
}

// latencies returns the result of first Sets that took so long.
func latencies(all []time.Duration) result {
	slices.Sort(all)
	at := func(part float64) time.Duration { return all[min(int(part*float64(len(all))), len(all)-1)] }
	return result{P50: at(.5), P99: at(.99), P9999: at(.9999), Longest: all[len(all)-1]}
}

type results []result

func p9999(r result) time.Duration { return r.P9999 }
func cost(r result) time.Duration  { return r.Cost }
func left(r result) time.Duration  { return r.Left }

func (rs results) sorted(of func(result) time.Duration) []time.Duration {
	var all []time.Duration
	for _, r := range rs {
		all = append(all, of(r))
	}
	slices.Sort(all)
	return all
}

func (rs results) median(of func(result) time.Duration) time.Duration {
	return rs.sorted(of)[len(rs)/2]
}

func (rs results) worst(of func(result) time.Duration) time.Duration {
	return rs.sorted(of)[len(rs)-1]
}

func (rs results) print(name string) {
	fmt.Printf("%-26s", name)
	for _, of := range []func(result) time.Duration{
		func(r result) time.Duration { return r.P50 },
		func(r result) time.Duration { return r.P99 },
		p9999,
		func(r result) time.Duration { return r.Longest },
	} {
		fmt.Printf(" %-9v", round(rs.median(of)))
	}
	fmt.Println()
}
