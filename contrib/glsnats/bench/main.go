// Bench compares jobs of glsnats with plain publish and consume on JetStream,
// of the same messages: headers, IDs, explicit acknowledgement, limit in
// flight. Either has a goroutine for each job, and in it the identity that the
// job carries: bound to variables, or in a context.
//
//	go -C contrib/glsnats run ./bench
//
// A server in a process of its own, with file storage, serves both. Runs of the
// two alternate, and take turns in being first; the medians are compared. The
// exit status is 1 if glsnats has less than 0.95 of the plain throughput, or
// more than 1.05 of its median latency. With -raw it prints the runs in the
// format of Go benchmarks alone, for the report of bench/peers.
package main

import (
	"bufio"
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/seed18162548/contextvars/contrib/glsnats/embedded"
)

// The bounds.
const (
	leastThroughput = 0.95
	mostLatency     = 1.05
)

// asServer makes the program a server until its standard input ends.
const asServer = "-as-server"

func main() {
	if len(os.Args) == 2 && os.Args[1] == asServer {
		exit(serve())
	}
	runs := flag.Int("runs", 9, "runs of each")
	jobs := flag.Int("jobs", 20_000, "jobs of a run for throughput")
	pings := flag.Int("pings", 5_000, "jobs of a run for latency, one at a time")
	raw := flag.Bool("raw", false, "print the results in the format of Go benchmarks")
	flag.Parse()
	exit(compare(*runs, *jobs, *pings, *raw))
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// serve runs a server, says where, and stops it when the parent goes.
func serve() error {
	s, err := embedded.Start()
	if err != nil {
		return err
	}
	defer s.Stop()
	fmt.Println(s.URL())
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// startServer starts a server process and returns its URL.
func startServer() (url string, stop func(), err error) {
	program, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	cmd := exec.Command(program, asServer)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return "", nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", nil, err
	}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		in.Close()
		_ = cmd.Wait() // its data is in a temporary directory
	}
	url, err = bufio.NewReader(out).ReadString('\n')
	if err != nil {
		stop()
		return "", nil, fmt.Errorf("the server does not start: %w", err)
	}
	return strings.TrimSpace(url), stop, nil
}

// A side is one of the two that are compared.
type side struct {
	name string
	// open connects to url, with a queue of that name, and calls handle for
	// every job, with its payload.
	open func(url, queue string, handle func(payload []byte)) (q queue, err error)
}

// A queue is where a side puts jobs.
type queue interface {
	// produce calls f, which puts jobs, in the goroutine of a producer, with the
	// identity that they are to have.
	produce(f func(ctx context.Context))
	put(ctx context.Context, payload []byte) error
	close() error
}

// A result is what one run of a side measured.
type result struct {
	throughput float64 // jobs a second
	latency    time.Duration
	cpu        time.Duration // of both ends for a job, without the server
}

func compare(runs, jobs, pings int, raw bool) error {
	url, stop, err := startServer()
	if err != nil {
		return err
	}
	defer stop()

	sides := []side{{"plain", openPlain}, {"glsnats", openClient}}
	results := map[string][]result{}
	for i := range runs {
		for k := range sides {
			s := sides[(i+k)%len(sides)]
			r, err := measure(s, url, fmt.Sprintf("%s-%d", s.name, i), jobs, pings)
			if err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			results[s.name] = append(results[s.name], r)
			if raw {
				continue
			}
			fmt.Printf("run %d  %-8s %8.0f jobs/s  %10v  %10v CPU\n", i+1, s.name, r.throughput, r.latency, r.cpu)
		}
	}
	if raw {
		printRaw(os.Stdout, results["plain"], results["glsnats"])
		return nil
	}
	return verdict(results["plain"], results["glsnats"])
}

// printRaw prints the runs in the format of Go benchmarks: those of either side
// (impl=none is plain), and the ratios of each pair. Throughput is compared as
// the time that a job takes.
func printRaw(w io.Writer, plain, ours []result) {
	line := func(name, values string) {
		fmt.Fprintf(w, "Benchmark%s-%d 1 %s\n", name, runtime.GOMAXPROCS(0), values)
	}
	for i, p := range plain {
		o := ours[i]
		for _, side := range []struct {
			impl string
			r    result
		}{{"none", p}, {"gls", o}} {
			line(fmt.Sprintf("Jobs/inflight=%d/impl=%s", inFlight, side.impl),
				fmt.Sprintf("%g jobs/s %d latency-ns %d cpu-ns/job", side.r.throughput, side.r.latency, side.r.cpu))
		}
		line("Bar/bar=nats-throughput", fmt.Sprintf("%g ratio", p.throughput/o.throughput))
		line("Bar/bar=nats-latency", fmt.Sprintf("%g ratio", float64(o.latency)/float64(p.latency)))
	}
}

// verdict prints the medians and returns an error if ours are out of bounds.
func verdict(plain, ours []result) error {
	p, o := medians(plain), medians(ours)
	throughput := o.throughput / p.throughput
	latency := float64(o.latency) / float64(p.latency)
	fmt.Printf("\n%s, %s/%s, %d processors, medians of %d alternating runs\n\n",
		runtime.Version(), runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0), len(plain))
	fmt.Printf("%-10s %14s %14s\n", "", "jobs/s", "latency")
	fmt.Printf("%-10s %14.0f %14v\n", "plain", p.throughput, p.latency)
	fmt.Printf("%-10s %14.0f %14v\n", "glsnats", o.throughput, o.latency)
	fmt.Printf("%-10s %14.2f %14.2f\n", "ratio", throughput, latency)
	if throughput < leastThroughput || latency > mostLatency {
		return fmt.Errorf("out of bounds: throughput at least %v, latency at most %v", leastThroughput, mostLatency)
	}
	return nil
}

func medians(rs []result) (m result) {
	slices.SortFunc(rs, func(a, b result) int { return int(a.throughput - b.throughput) })
	m.throughput = rs[len(rs)/2].throughput
	slices.SortFunc(rs, func(a, b result) int { return int(a.latency - b.latency) })
	m.latency = rs[len(rs)/2].latency
	return m
}
