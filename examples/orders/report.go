package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/seed18162548/contextvars/examples/internal/paint"
)

// A report has the results of the self-test.
type report struct {
	calls   []*call
	took    time.Duration
	opened  int      // connections
	peak    int      // requests in the server at the same time
	lines   []string // of the log
	tallies []tally
	live    int    // goroutines that hold bindings after all was over
	leaky   uint64 // requests that left something bound
	plain   bool
}

// ok reports whether all results are right.
func (r *report) ok() bool {
	for _, t := range r.tallies {
		if !t.ok() {
			return false
		}
	}
	return r.live == 0 && r.leaky == 0 && r.keptAlive()
}

// keptAlive reports whether most requests had a predecessor on their
// connection, because only these show that it left them no binding. Not all
// requests except the first per connection have one: net/http closes
// connections to which it was slow to write.
func (r *report) keptAlive() bool { return r.reused() > len(r.calls)/2 }

// reused returns how many calls came over a connection that had served another.
func (r *report) reused() (n int) {
	for _, c := range r.calls {
		if c.got.reused {
			n++
		}
	}
	return n
}

// total returns the sum of the tallies.
func (r *report) total() (sum tally) {
	for _, t := range r.tallies {
		sum.expected += t.expected
		sum.found += t.found
		sum.right += t.right
		sum.wrong += t.wrong
		sum.missing += t.missing
	}
	return sum
}

// print prints the report to w, painted by p.
func (r *report) print(w io.Writer, p paint.Painter) {
	how := "spawn.Go"
	if r.plain {
		how = "a plain go statement"
	}
	fmt.Fprintf(w, "%d requests in %v, up to %d at once, over %d keep-alive connections: %d on one used before.\n",
		len(r.calls), r.took.Round(time.Millisecond), r.peak, r.opened, r.reused())
	fmt.Fprintf(w, "Prices were asked of %d suppliers at a time over HTTP, in goroutines started with %s.\n\n", len(suppliers), how)

	r.printSample(w)
	r.printTallies(w, p)
	r.printVerdict(w, p)
}

// printSample prints some of the log, from its middle, and an error.
func (r *report) printSample(w io.Writer) {
	const size = 12
	first := max(0, (len(r.lines)-size)/2)
	last := min(len(r.lines), first+size)
	fmt.Fprintf(w, "The log, lines %d to %d of %d:\n\n", first+1, last, len(r.lines))
	for _, line := range r.lines[first:last] {
		fmt.Fprintln(w, " ", line)
	}
	for _, c := range r.calls {
		if strings.Contains(c.got.err, errUnknown.Error()) {
			fmt.Fprintf(w, "\nAn error, as %s got it:\n\n  %s\n", c.who.User, c.got.err)
			break
		}
	}
}

func (r *report) printTallies(w io.Writer, p paint.Painter) {
	fmt.Fprint(w, "\nAll that the requests left, against the request ID, user and trace ID that the client sent:\n\n")
	fmt.Fprintf(w, "  %-26s %9s %9s %9s %9s %9s\n", "", "expected", "found", "right", "wrong", "missing")
	row := func(name string, t tally) {
		fmt.Fprintf(w, "  %-26s %9d %9d %9d %s %s\n", name, t.expected, t.found, t.right,
			unlessZero(p.Bad, t.wrong), unlessZero(p.Warn, t.missing))
	}
	for _, t := range r.tallies {
		row(t.kind.String(), t)
	}
	row("total", r.total())
	fmt.Fprintf(w, "\nGoroutines that still hold bindings: %d. Requests that left any bound: %d.\n\n", r.live, r.leaky)
}

// unlessZero returns n for a column of the table, painted if there are any.
func unlessZero(paint func(string) string, n int) string {
	text := fmt.Sprintf("%9d", n)
	if n == 0 {
		return text
	}
	return paint(text)
}

func (r *report) printVerdict(w io.Writer, p paint.Painter) {
	sum := r.total()
	pass, fail := p.Good("PASS:"), p.Bad("FAIL:")
	switch {
	case r.ok():
		fmt.Fprintf(w, "%s all %d bear the identity of the request that left them.\n", pass, sum.found)
		fmt.Fprintln(w, "Add -plain to see what is lost where goroutines are started with a go statement.")
	case r.plain && sum.wrong == 0:
		fmt.Fprintf(w, "%s %d of %d do not say whose they are; none names another's request.\n", fail, sum.missing, sum.found)
		fmt.Fprintln(w, "This is what a go statement loses. Without -plain, spawn.Go takes its place and nothing is.")
	case r.live > 0:
		fmt.Fprintln(w, fail, "goroutines still hold bindings.")
	case r.leaky > 0:
		fmt.Fprintln(w, fail, "requests left bindings.")
	case !r.keptAlive():
		fmt.Fprintln(w, fail, "too few connections were used again.")
	default:
		fmt.Fprintf(w, "%s %d are right, of %d found and %d expected.\n", fail, sum.right, sum.found, sum.expected)
	}
}
