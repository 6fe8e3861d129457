package main

import (
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"
)

func TestMiddleAndSpread(t *testing.T) {
	times := make([]float64, 100)
	for i := range times {
		times[i] = 200 + float64(99-i) // 200 to 299
	}
	if middle, apart := middleAndSpread(times); middle != 250 || apart != (289.-210)/250 {
		t.Errorf("got %v, %v", middle, apart)
	}
}

// TestNoiseStandsInTheReport: the worse of before and after counts, and more
// than 3 % is marked.
func TestNoiseStandsInTheReport(t *testing.T) {
	for _, test := range []struct {
		raw, want string
	}{
		{"", "was not measured."},
		{repeated("BenchmarkNoise/cores=2/impl=before", "spread", 0.01, 0.01) + repeated("BenchmarkNoise/cores=2/impl=after", "spread", 0.02, 0.02), "before and after: 2.0 %."},
		{repeated("BenchmarkNoise/cores=2/impl=before", "spread", 0.04, 0.04) + repeated("BenchmarkNoise/cores=2/impl=after", "spread", 0.02, 0.02), "before and after: 4.0 %, above 3 %: other work disturbed this run."},
	} {
		r, err := readResults(strings.NewReader(test.raw+repeated("BenchmarkGet/vars=1/impl=gls", "ns/op", 2, 2)), "raw.txt")
		if err != nil {
			t.Fatal(err)
		}
		p, err := newPage(r)
		if err != nil {
			t.Fatal(err)
		}
		page, err := p.html()
		if err != nil {
			t.Fatal(err)
		}
		for name, text := range map[string]string{"page": page, "report": p.markdown(), "README": r.readme()} {
			if !strings.Contains(text, test.want) {
				t.Errorf("the %s does not say %q", name, test.want)
			}
		}
	}
}

// TestNoiseIsMeasuredFirst, so that a noisy machine shows before anything else
// is measured, and last.
func TestNoiseIsMeasuredFirst(t *testing.T) {
	all := experiments()
	if first, last := all[0].name, all[len(all)-1].name; first != "noise/before" || last != "noise/after" {
		t.Errorf("first %s, last %s", first, last)
	}
}

// TestCallsAlone: the loop's own time is taken off both sides.
func TestCallsAlone(t *testing.T) {
	b := callsAlone("key", "what", 2, nil, nil)
	if got := b.value([]float64{5, 3, 1}); got != 2 {
		t.Errorf("got %v, want (5-1)/(3-1)", got)
	}
}

func value(x float64, unit string) benchfmt.Value { return benchfmt.Value{Value: x, Unit: unit} }
