package main

import (
	"bytes"
	"testing"
)

func TestFormat(t *testing.T) {
	for _, test := range []struct {
		x          float64
		unit, want string
	}{
		{4.0123e-9, "sec/op", "4.01 ns"}, {123.4e-6, "p99-sec", "123 µs"}, {0.1312, "ratio", "0.131"}, {2.7, "ratio", "2.70"},
		{4, "allocs/op", "4"}, {95.6, "B/goroutine", "96 B"}, {-0.2, "B/goroutine", "0 B"}, {-2048, "kept-B", "−2.00 KiB"},
		{1 << 20, "kept-B", "1.00 MiB"}, {13512.7, "req/s", "13513/s"},
	} {
		if got := format(test.x, test.unit); got != test.want {
			t.Errorf("format(%v, %s) = %q, want %q", test.x, test.unit, got, test.want)
		}
	}
}

// TestJudge: the median decides, of all counts, whatever order they come in.
func TestJudge(t *testing.T) {
	const raw = `cpu: a
BenchmarkBar/bar=get-goid-2 1 2.9 ratio
BenchmarkBar/bar=get-goid-2 1 2.5 ratio
BenchmarkBar/bar=get-goid-2 1 2.6 ratio
BenchmarkBar/bar=get-routine-2 1 0.41 ratio
BenchmarkMemory/goroutines=10/impl=gls-2 1 500 B/goroutine
BenchmarkMemory/goroutines=100/impl=gls-2 1 80 B/goroutine
`
	r, err := readResults(bytes.NewReader([]byte(raw)), "raw.txt")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]verdict{"get-goid": met, "get-routine": missed, "memory": met, "dead": unmeasured}
	for _, b := range bars() {
		if v, ok := want[b.key]; ok {
			if s, got := r.judge(b); got != v {
				t.Errorf("%s: %v (%v), want %v", b.key, got, s.Center, v)
			}
		}
	}
	if good, of := r.verdicts(); good != 2 || of != 3 {
		t.Errorf("%d of %d are met, want 2 of 3", good, of)
	}
}
