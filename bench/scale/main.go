// Scale measures what a first Set costs in a process with a million live
// goroutines, beside the same goroutines holding nothing, and what sweeping
// costs there. It prints each figure with the bar that it has to meet, or with
// -raw in the format of Go benchmarks, for the report of bench/peers.
//
//	go run ./bench/scale [-n goroutines] [-rounds n] [-raw]
//
// Each measurement is a process of its own. It takes about 4 GB and two
// minutes, and a quiet machine: what else runs shows in every figure.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"time"
)

var (
	count  = flag.Int("n", 1_000_000, "live goroutines")
	rounds = flag.Int("rounds", 3, "processes for each measurement; the median counts")
	raw    = flag.Bool("raw", false, "print the results in the format of Go benchmarks")
	child  = flag.String("child", "", "measure this, and print it as JSON")
)

func main() {
	flag.Parse()
	if *child != "" {
		m := measurements[*child](*count)
		if err := json.NewEncoder(os.Stdout).Encode(m); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	if *raw {
		printRaw(os.Stdout, measure, *count, *rounds)
		return
	}
	if !report() {
		os.Exit(1)
	}
}

// measure runs the measurement called name, with so many goroutines, in as many
// processes as rounds says, and returns their results.
func measure(name string, goroutines, rounds int) (all results) {
	for i := 0; i < rounds; i++ {
		cmd := exec.Command(os.Args[0], "-child", name, "-n", strconv.Itoa(goroutines))
		cmd.Stderr = os.Stderr
		out, err := cmd.Output()
		if err != nil {
			fmt.Fprintf(os.Stderr, "scale: %s: %v\n", name, err)
			os.Exit(1)
		}
		var rs results
		if err := json.Unmarshal(out, &rs); err != nil {
			fmt.Fprintf(os.Stderr, "scale: %s: %v\n%s", name, err, out)
			os.Exit(1)
		}
		all = append(all, rs...)
	}
	return all
}

// report measures everything and prints it. It reports whether all bars are
// met.
func report() (met bool) {
	met = true
	measure := func(name string) results { return measure(name, *count, *rounds) }
	fmt.Printf("%d live goroutines, medians of %d processes\n\n", *count, *rounds)
	fmt.Println("first Set of a goroutine   p50       p99       p99.99    longest")
	for _, phase := range []string{"growing", "collecting"} {
		without, with := measure(phase+" without entries"), measure(phase)
		without.print(phase + ", no entries")
		with.print(phase)
		ratio := float64(with.median(p9999)) / float64(without.median(p9999))
		met = bar(phase+": p99.99 beside that without entries", ratio, 3, "times") && met
	}
	fmt.Println()
	sweeping := measure("sweeping")
	met = bar("sweeping, none ended, one collection a second", 100*sweeping.median(cost).Seconds(), 2, "percent of a core") && met
	dying := measure("dying")
	met = bar("entries left by as many that ended, after two collections", float64(dying.worst(left)), 0, "entries") && met
	return met
}

// bar prints a figure beside its bar, and reports whether it meets it.
func bar(what string, figure, most float64, unit string) bool {
	verdict := "met"
	if figure > most {
		verdict = "missed"
	}
	fmt.Printf("%s: %.2f %s, at most %g: %s\n", what, figure, unit, most, verdict)
	return figure <= most
}

func round(d time.Duration) time.Duration {
	switch {
	case d > time.Millisecond:
		return d.Round(10 * time.Microsecond)
	case d > time.Microsecond:
		return d.Round(100 * time.Nanosecond)
	default:
		return d
	}
}
