package main

import (
	"fmt"
	"runtime"
	"slices"
	"time"

	"golang.org/x/perf/benchfmt"

	"github.com/seed18162548/contextvars/bench/internal/contender"
)

// An effort says how much work goes into a measurement.
type effort struct {
	counts     int           // results for each benchmark
	most       int           // results of one whose interval stays wide
	rounds     int           // turns of each entrant in a count; its result is the median
	round      time.Duration // how long a turn takes, about
	vars       []int         // numbers of variables
	goroutines []int         // numbers of live goroutines
	crowd      int           // goroutines where one large number is enough
	deaths     int           // goroutines that die
	requests   time.Duration // how long a turn of the HTTP server takes
	live       int           // live goroutines beside first Sets, in bench/scale
	processes  int           // of bench/scale, for each of its figures
	runs, jobs int           // of glsnats and of plain NATS, and jobs in each
}

var (
	full = effort{
		counts: 15, most: 30, rounds: 31, round: time.Millisecond,
		vars:       []int{1, 2, 4, 8, 16, 32, 64, 128},
		goroutines: []int{1, 10, 100, 1000, 10_000, 100_000, 1_000_000},
		crowd:      100_000, deaths: 1_000_000, requests: 500 * time.Millisecond,
		live: 1_000_000, processes: 3, runs: 9, jobs: 20_000,
	}
	quick = effort{
		counts: 10, most: 10, rounds: 3, round: 100 * time.Microsecond,
		vars:       []int{1, 8, 64},
		goroutines: []int{1, 100, 5000},
		crowd:      5000, deaths: 10_000, requests: 20 * time.Millisecond,
		live: 20_000, processes: 1, runs: 3, jobs: 500,
	}
)

// A meter measures and writes what it finds in the format of Go benchmarks.
type meter struct {
	effort
	out *benchfmt.Writer
}

// emit writes one result. name has no "Benchmark" in front. Values come in
// units as go test prints them.
func (m *meter) emit(name string, iterations int, values ...benchfmt.Value) error {
	return m.out.Write(&benchfmt.Result{
		Name:   benchfmt.Name(fmt.Sprintf("%s-%d", name, runtime.GOMAXPROCS(0))),
		Iters:  iterations,
		Values: values,
	})
}

// An entrant is a crew that takes its turns.
type entrant struct {
	crew  *contender.Crew
	cores int
	n     int // operations in a turn, of each core
}

// enter starts a crew and finds out how many operations fill a turn.
func (m *meter) enter(prepare contender.Case, cores int) *entrant {
	e := &entrant{crew: contender.NewCrew(cores, prepare), cores: cores, n: 1}
	for {
		took := e.crew.Time(e.n)
		if took >= m.round/2 {
			e.n = max(1, int(float64(e.n)*float64(m.round)/float64(took)))
			return e
		}
		e.n *= 2
	}
}

// turn returns the nanoseconds of an operation in one turn.
func (e *entrant) turn() float64 {
	return float64(e.crew.Time(e.n).Nanoseconds()) / float64(e.n)
}

// allocated returns how often, and how many bytes, an operation allocates.
func (e *entrant) allocated() (objects, bytes float64) {
	const n = 1000
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	e.crew.Time(n)
	runtime.ReadMemStats(&after)
	// Rounded down, as testing does: the machinery around allocates too.
	operations := n * uint64(e.cores)
	return float64((after.Mallocs - before.Mallocs) / operations), float64((after.TotalAlloc - before.TotalAlloc) / operations)
}

// inTurn times the entrants for one count. They take turns, forwards and
// backwards by the round, so that what happens to the machine happens to all of
// them. It returns the times by round and entrant.
func (m *meter) inTurn(entrants []*entrant) [][]float64 {
	runtime.GC() // no count pays for the garbage of another
	return m.turns(entrants)
}

// turns is inTurn without the collection, which takes a second where there are
// a million goroutines.
func (m *meter) turns(entrants []*entrant) [][]float64 {
	times := make([][]float64, m.rounds)
	for r := range times {
		times[r] = make([]float64, len(entrants))
		for i := range entrants {
			if r%2 == 1 {
				i = len(entrants) - 1 - i
			}
			times[r][i] = entrants[i].turn()
		}
	}
	return times
}

// median returns the median of f over the rounds of a count.
func median(rounds [][]float64, f func(times []float64) float64) float64 {
	values := make([]float64, len(rounds))
	for i, times := range rounds {
		values[i] = f(times)
	}
	slices.Sort(values)
	if n := len(values); n%2 == 0 {
		return (values[n/2-1] + values[n/2]) / 2
	}
	return values[len(values)/2]
}

// one returns the function that picks entrant i.
func one(i int) func([]float64) float64 { return func(times []float64) float64 { return times[i] } }

func dismiss(entrants []*entrant) {
	for _, e := range entrants {
		e.crew.Dismiss()
	}
}
