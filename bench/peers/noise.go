package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"

	"golang.org/x/perf/benchfmt"

	"github.com/seed18162548/contextvars/bench/internal/contender"
)

// noisy is the noise above which a run is marked.
const noisy = 0.03

// machineNoise measures the noise of the machine: how far apart the turns are
// of a loop that needs no memory, on all processors at once.
func machineNoise(when string) func(*meter) error {
	return func(m *meter) error {
		cores := runtime.GOMAXPROCS(0)
		e := m.enter(contender.Empty().Get(1), cores)
		defer e.crew.Dismiss()
		var spreads []float64
		for range m.counts {
			times := make([]float64, max(m.rounds, 100))
			for i := range times {
				times[i] = e.turn()
			}
			middle, apart := middleAndSpread(times)
			spreads = append(spreads, apart)
			err := m.emit(fmt.Sprintf("Noise/cores=%d/impl=%s", cores, when), e.n*len(times),
				benchfmt.Value{Value: middle, Unit: "ns/op"},
				benchfmt.Value{Value: apart, Unit: "spread"})
			if err != nil {
				return err
			}
		}
		middle, _ := middleAndSpread(spreads)
		fmt.Fprintf(os.Stderr, "noise of the machine, %s: %s\n", when, noiseText(middle))
		return nil
	}
}

// middleAndSpread returns the median of times, and how far the slowest tenth of
// them is above the fastest tenth, as a part of the median.
func middleAndSpread(times []float64) (middle, apart float64) {
	sorted := slices.Sorted(slices.Values(times))
	tenth := len(sorted) / 10
	middle = sorted[len(sorted)/2]
	return middle, (sorted[len(sorted)-1-tenth] - sorted[tenth]) / middle
}

func noiseText(apart float64) string {
	text := fmt.Sprintf("%.1f %%", 100*apart)
	if apart > noisy {
		text += fmt.Sprintf(", above %.0f %%: other work disturbed this run", 100*noisy)
	}
	return text
}

// noise returns the noise of the machine, the worse of before and after, and
// reports whether it was measured.
func (r *results) noise() (apart float64, measured bool) {
	for _, when := range []string{"before", "after"} {
		f := figure{op: "Noise", param: "cores", x: largest, impl: when, unit: "spread"}
		if s, ok := r.summary(f); ok {
			apart, measured = max(apart, s.Center), true
		}
	}
	return apart, measured
}

// noiseLine says how noisy the machine was.
func (r *results) noiseLine() string {
	apart, measured := r.noise()
	if !measured {
		return "The noise of the machine was not measured."
	}
	return "Noise of the machine, the spread of an empty loop before and after: " + noiseText(apart) + "."
}
