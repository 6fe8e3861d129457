package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// A dependent is a program that is built with dependencies rewritten.
type dependent struct {
	program string
	main    string   // the package of its command
	deps    []string // modules that start goroutines
	tests   []string // patterns of the packages whose tests are run
}

// withDeps are daemons and a client, whose dependencies start goroutines.
var withDeps = []dependent{
	{
		program: "github.com/prometheus/statsd_exporter@v0.31.0", main: ".", tests: []string{"./..."},
		deps: []string{"github.com/prometheus/client_golang", "github.com/prometheus/exporter-toolkit"},
	},
	{
		program: "github.com/tsenart/vegeta/v12@v12.12.0", main: ".", tests: []string{"./..."},
		deps: []string{"github.com/prometheus/client_golang", "golang.org/x/net"},
	},
	{
		program: "github.com/hashicorp/serf@v0.10.2", main: "./cmd/serf", tests: []string{"./coordinate", "./cmd/..."},
		deps: []string{"github.com/hashicorp/memberlist", "github.com/hashicorp/mdns", "github.com/hashicorp/go-metrics"},
	},
}

// A depResult is what became of a dependent.
type depResult struct {
	result
	own, others          int // statements and callbacks that are rewritten
	build, first, second time.Duration
}

func (r *depResult) depRow(d dependent) string {
	return fmt.Sprintf("| %s | %s | %d | %d | %s | %s | %s | %s | %d | %d | %d |",
		d.program, strings.Join(d.deps, " "), r.own, r.others, seconds(r.build), seconds(r.first), seconds(r.second), megabytes(r.memory),
		r.before.count("pass"), r.overlaid.count("pass"), r.before.count("fail"))
}

func (c *checker) checkDeps(d dependent) (*depResult, error) {
	r := &depResult{}
	fmt.Printf("== %s, -deps %s\n", d.program, strings.Join(d.deps, ","))
	source, err := download(d.program)
	if err != nil {
		return nil, err
	}
	clean := filepath.Join(c.work, "dependent") // gls tells of a plan once
	if err := os.RemoveAll(clean); err != nil {
		return nil, err
	}
	if err := copyTree(source, clean); err != nil {
		return nil, err
	}
	args := append([]string{"test", "-json"}, d.tests...)
	if r.before, r.beforeTime, err = runTests(clean, "go", args...); err != nil {
		return nil, err
	}
	for _, name := range r.before.named("fail") {
		fmt.Println("failed before:", name)
	}

	binary := filepath.Join(c.work, "program")
	timed := func(name string, args ...string) (cmd *exec.Cmd, out []byte, took time.Duration, err error) {
		cmd = command(clean, name, append(args, "-o", binary, d.main)...)
		start := time.Now()
		out, err = cmd.CombinedOutput()
		if err != nil {
			err = fmt.Errorf("%s %v: %w\n%s", name, args, err, out)
		}
		return cmd, out, time.Since(start), err
	}
	if _, _, r.build, err = timed("go", "build"); err != nil {
		return nil, err
	}
	overlay := []string{"-policy", "all", "-lib", c.library}
	_, out, _, err := timed(c.gls, append([]string{"build"}, overlay...)...)
	if err != nil {
		return nil, err
	}
	if r.own, err = rewritten(out); err != nil {
		return nil, err
	}
	overlay = append(overlay, "-deps", strings.Join(d.deps, ","))
	cmd, out, took, err := timed(c.gls, append([]string{"build"}, overlay...)...)
	if err != nil {
		return nil, err
	}
	fmt.Printf("%s", out)
	r.first, r.memory = took, peak(cmd.ProcessState)
	all, err := rewritten(out)
	if err != nil {
		return nil, err
	}
	if r.others = all - r.own; r.others <= 0 {
		return nil, fmt.Errorf("%d statements are rewritten without -deps, and %d with it", r.own, all)
	}
	if _, _, r.second, err = timed(c.gls, append([]string{"build"}, overlay...)...); err != nil {
		return nil, err
	}

	args = append(append([]string{"test"}, overlay...), args[1:]...)
	if r.overlaid, r.overlayTime, err = runTests(clean, c.gls, args...); err != nil {
		return nil, err
	}
	if err := r.compare("with gls test -deps", r.overlaid, clean, c.gls, args); err != nil {
		return nil, err
	}
	return r, unchanged(source, clean)
}

// counts matches what gls build says of its plan.
var counts = regexp.MustCompile(`gls: (\d+) of \d+ go statements and callbacks are rewritten`)

func rewritten(out []byte) (int, error) {
	m := counts.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("gls build does not say what it rewrites:\n%s", out)
	}
	return strconv.Atoi(string(m[1]))
}
