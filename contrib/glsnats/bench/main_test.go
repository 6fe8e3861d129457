package main

import (
	"runtime"
	"strconv"
	"strings"
	"testing"
)

func TestPrintRaw(t *testing.T) {
	var out strings.Builder
	printRaw(&out, []result{{throughput: 3000, latency: 100, cpu: 7}}, []result{{throughput: 2000, latency: 150, cpu: 8}})
	want := strings.ReplaceAll(`BenchmarkJobs/inflight=256/impl=none-N 1 3000 jobs/s 100 latency-ns 7 cpu-ns/job
BenchmarkJobs/inflight=256/impl=gls-N 1 2000 jobs/s 150 latency-ns 8 cpu-ns/job
BenchmarkBar/bar=nats-throughput-N 1 1.5 ratio
BenchmarkBar/bar=nats-latency-N 1 1.5 ratio
`, "-N", "-"+strconv.Itoa(runtime.GOMAXPROCS(0)))
	if out.String() != want {
		t.Errorf("got\n%swant\n%s", out.String(), want)
	}
}
