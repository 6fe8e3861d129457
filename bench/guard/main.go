// Guard counts the instructions of some operations with valgrind, which other
// load does not affect, and compares them with the committed numbers in
// instructions.txt. A count must not be two percent higher, or two percent
// lower unless the numbers are updated.
//
//	go run ./bench/guard [-update]
//
// The numbers are for one release of Go on amd64, which make bench-guard uses.
package main

import (
	_ "embed"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"strconv"
	"strings"
)

//go:embed instructions.txt
var committed string

var (
	update = flag.Bool("update", false, "write the counts to bench/guard/instructions.txt")
	child  = flag.Int("child", -1, "run the operation with this number")
	times  = flag.Int("times", 0, "how often")
)

// tolerance is the fraction by which counts may differ.
const tolerance = 0.02

func main() {
	flag.Parse()
	if *child >= 0 {
		operations[*child].run(*times)
		return
	}
	if *update {
		write()
		return
	}
	if !compare() {
		os.Exit(1)
	}
}

// compare prints each count beside the committed one, and reports whether all
// are within the tolerance.
func compare() (ok bool) {
	release, want := parse(committed)
	if release != runtime.Version() {
		fail("the numbers are of %s, this is %s: set GOTOOLCHAIN, or make them anew with -update", release, runtime.Version())
	}
	ok = true
	for i, op := range operations {
		n := count(i)
		verdict := judge(n, want[op.name])
		fmt.Printf("%-36s %8.1f, committed %8.1f %s\n", op.name, n, want[op.name], verdict)
		ok = ok && verdict == ""
	}
	return ok
}

// judge returns what is wrong with a count, or "".
func judge(n, want float64) string {
	switch {
	case want == 0:
		return "NEW: make the numbers anew with -update"
	case n > want*(1+tolerance):
		return "MORE"
	case n < want*(1-tolerance):
		return "LESS: make the numbers anew with -update"
	default:
		return ""
	}
}

// enough is the number of instructions that are counted for each operation, so
// that everything else that a process does is far below the tolerance.
const enough = 40_000_000

// count returns the instructions of one run of operation i: the difference
// between two processes that run it a different number of times, divided by the
// number of additional runs.
func count(i int) float64 {
	const few, some = 1000, 11_000
	begin := total(i, few)
	rough := float64(total(i, some)-begin) / (some - few)
	many := few + int(enough/rough)
	return float64(total(i, many)-begin) / float64(many-few)
}

var collected = regexp.MustCompile(`Collected : (\d+)`)

// total returns the instructions of a process that runs operation i n times, on
// one processor and without garbage collections.
func total(i, n int) int64 {
	cmd := exec.Command("valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null",
		os.Args[0], "-child", strconv.Itoa(i), "-times", strconv.Itoa(n))
	cmd.Env = append(os.Environ(), "GOMAXPROCS=1", "GOGC=off", "GODEBUG=asyncpreemptoff=1")
	out, err := cmd.CombinedOutput()
	if err != nil {
		fail("%s: %v\n%s", cmd, err, out)
	}
	m := collected.FindSubmatch(out)
	if m == nil {
		fail("valgrind prints no count:\n%s", out)
	}
	instructions, err := strconv.ParseInt(string(m[1]), 10, 64)
	if err != nil {
		fail("%v", err)
	}
	return instructions
}

// write counts everything and writes the numbers.
func write() {
	var b strings.Builder
	fmt.Fprintln(&b, runtime.Version())
	for i, op := range operations {
		fmt.Fprintf(&b, "%.1f %s\n", count(i), op.name)
	}
	if err := os.WriteFile("bench/guard/instructions.txt", []byte(b.String()), 0o644); err != nil {
		fail("%v", err)
	}
}

// parse reads instructions.txt: a release of Go, then a count and a name in
// each line.
func parse(text string) (release string, counts map[string]float64) {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	counts = make(map[string]float64)
	for _, line := range lines[1:] {
		n, name, _ := strings.Cut(line, " ")
		counts[name], _ = strconv.ParseFloat(n, 64)
	}
	return lines[0], counts
}

func fail(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "guard: "+format+"\n", args...)
	os.Exit(1)
}
