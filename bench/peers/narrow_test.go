package main

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"golang.org/x/perf/benchfmt"
)

// TestNarrow: rows are counted again while their intervals are wide, alone, and
// a bounded number of times.
func TestNarrow(t *testing.T) {
	m := &meter{effort: effort{counts: 6, most: 20}}
	rows := make([]row, 4)
	rows[3].scale = 100
	taken := make([]int, len(rows))
	err := m.narrow(rows, func(which []int) ([]float64, error) {
		var figures []float64
		for _, i := range which {
			n := taken[i]
			taken[i]++
			figures = append(figures, []float64{
				10,                        // still
				10 + float64(n%2),         // always 10 % wide
				10 + max(0, float64(3-n)), // comes to rest
				float64(n % 2),            // around nothing, beside 100
			}[i])
		}
		return figures, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if taken[0] != 6 || taken[1] != 20 || taken[2] <= 6 || taken[2] >= 20 || taken[3] != 6 {
		t.Errorf("took %v counts", taken)
	}
	for i, r := range rows {
		if len(r.counts) != taken[i] {
			t.Errorf("row %d has %d counts, of %d", i, len(r.counts), taken[i])
		}
		if r.isWide() != (i == 1) {
			t.Errorf("row %d: %v", i, r.counts)
		}
	}
}

// TestReportSaysWhatIsUncertain: rows and bars that stayed wide are named, and
// bars whose limit the interval has within.
func TestReportSaysWhatIsUncertain(t *testing.T) {
	r, err := readResults(strings.NewReader(repeated("BenchmarkGet/vars=1/impl=gls", "ns/op", 2, 3)+
		repeated("BenchmarkGet/vars=1/impl=context", "ns/op", 4, 4)+
		repeated("BenchmarkBar/bar=get-goid", "ratio", 2.69, 2.71)+
		repeated("BenchmarkBar/bar=get-routine", "ratio", 0.2, 0.3)+
		repeated("BenchmarkBar/bar=line-zap-sampled", "more-ns", 0, 0.1)), "raw.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		"Get, 1 variable bound: gls ±20%",
		"bar get-goid: 2.69 – 2.71, which has the limit, 2.70, within",
		"bar get-routine: 0.200 – 0.300",
	}
	if got := r.uncertain(); !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	p, err := newPage(r)
	if err != nil {
		t.Fatal(err)
	}
	page, err := p.html()
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range want {
		if !strings.Contains(page, line) || !strings.Contains(p.markdown(), line) {
			t.Errorf("the report does not say %q", line)
		}
	}
}

// repeated returns results in turn of a and b.
func repeated(name, unit string, a, b float64) string {
	var raw bytes.Buffer
	m := &meter{out: benchfmt.NewWriter(&raw)}
	for i := range 20 {
		if err := m.emit(name[len("Benchmark"):], 1, value([]float64{a, b}[i%2], unit)); err != nil {
			panic(err)
		}
	}
	return raw.String()
}
