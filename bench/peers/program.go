package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/perf/benchfmt"
)

// Programs measure what needs modules or processes of its own. They print their
// results in the format of Go benchmarks, asked by -raw.

// program returns the experiment that runs the program in the package of the
// module in dir.
func program(dir, pkg string, args func(effort) []string) func(*meter) error {
	return func(m *meter) (err error) {
		temp, err := os.MkdirTemp("", "contextvars-bench-")
		if err != nil {
			return err
		}
		defer func() { err = errors.Join(err, os.RemoveAll(temp)) }()
		binary := filepath.Join(temp, "program")
		build := exec.Command("go", "-C", dir, "build", "-o", binary, pkg)
		if out, err := build.CombinedOutput(); err != nil {
			return fmt.Errorf("%s in %s: %w\n%s", pkg, dir, err, out)
		}
		process := exec.Command(binary, append([]string{"-raw"}, args(m.effort)...)...)
		var complaint strings.Builder
		process.Stderr = &complaint
		out, err := process.StdoutPipe()
		if err != nil {
			return err
		}
		if err := process.Start(); err != nil {
			return err
		}
		copied := m.copy(benchfmt.NewReader(out, pkg))
		if err := process.Wait(); err != nil {
			return fmt.Errorf("%s: %w\n%s", pkg, err, complaint.String())
		}
		return copied
	}
}

// copy emits the results that r reads.
func (m *meter) copy(r *benchfmt.Reader) error {
	var err error
	for r.Scan() {
		switch record := r.Result().(type) {
		case *benchfmt.SyntaxError:
			err = errors.Join(err, record)
		case *benchfmt.Result:
			err = errors.Join(err, m.out.Write(record))
		}
	}
	return errors.Join(err, r.Err())
}

// scale are the arguments of bench/scale.
func (e effort) scale() []string {
	return []string{"-n", strconv.Itoa(e.live), "-rounds", strconv.Itoa(e.processes)}
}

// nats are the arguments of contrib/glsnats/bench.
func (e effort) nats() []string {
	return []string{"-runs", strconv.Itoa(e.runs), "-jobs", strconv.Itoa(e.jobs), "-pings", strconv.Itoa(e.jobs / 4)}
}
