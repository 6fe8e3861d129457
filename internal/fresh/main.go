//go:build linux

// Command fresh starts many short processes, each of which uses the library
// from its first millisecond on and checks itself; see the directory program.
// What is special then, first insertions into the shared empty table and the
// start-up check with each of its outcomes, is gone after a moment in every
// longer test.
//
// A fifth of the processes run beside CPU hogs, half on one processor, and some
// are stopped and continued by signals. One that fails leaves its output,
// environment and, if the system writes one, its core in a directory. The
// counts of all runs add up in a file.
package main

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"
	"syscall"
	"time"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "hog" {
		for { //nolint:staticcheck // it is to use the processor
		}
	}
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "fresh:", err)
		os.Exit(1)
	}
}

func run() error {
	n := flag.Int("n", 2000, "number of processes")
	hogs := flag.Int("hogs", 10*runtime.NumCPU(), "CPU hogs beside a fifth of them")
	file := flag.String("counts", "", "file in which the counts of all runs add up")
	keep := flag.String("keep", filepath.Join(os.TempDir(), "fresh"), "directory for what failures leave")
	flag.Parse()
	dir, err := os.MkdirTemp("", "fresh")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, tag := range builds {
		cmd := exec.Command("go", "build", "-tags", tag, "-o", binary(dir, tag), "./internal/fresh/program")
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%v: %s", err, out)
		}
	}
	unlimited := syscall.Rlimit{Cur: 1 << 40, Max: 1 << 40}
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &unlimited) // without permission there are no cores

	l := &launcher{dir: dir, keep: *keep, counts: counts{By: map[string]int{}}}
	begin := time.Now()
	l.start(*n-*n/5, false)
	stop, err := startHogs(*hogs)
	if err != nil {
		return err
	}
	l.start(*n/5, true)
	stop()
	total, err := l.counts.addTo(*file)
	if err != nil {
		return err
	}
	fmt.Printf("%d processes in %v, %d failed; %d in all runs, %d failed\n",
		l.counts.Processes, time.Since(begin).Round(time.Second), l.counts.Failed, total.Processes, total.Failed)
	names := make([]string, 0, len(l.counts.By))
	for name := range l.counts.By {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		fmt.Printf("%8d  %s\n", l.counts.By[name], name)
	}
	if l.counts.Failed > 0 {
		return fmt.Errorf("%d processes failed; see %s", l.counts.Failed, *keep)
	}
	return nil
}

// builds are the build tags of the programs.
var builds = []string{"", "gls_check", "gls_check_asm", "gls_tiny"}

func binary(dir, tag string) string { return filepath.Join(dir, "program"+tag) }

// startHogs starts processes that do nothing but spin.
func startHogs(n int) (stop func(), err error) {
	var hogs []*exec.Cmd
	stop = func() {
		for _, hog := range hogs {
			_ = hog.Process.Kill()
			_ = hog.Wait()
		}
	}
	for i := 0; i < n; i++ {
		hog := exec.Command(os.Args[0], "hog")
		hog.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
		if err := hog.Start(); err != nil {
			stop()
			return nil, err
		}
		hogs = append(hogs, hog)
	}
	return stop, nil
}

// A launcher starts processes and counts how they end.
type launcher struct {
	dir, keep string // immutable

	mu     sync.Mutex
	counts counts // guarded by mu
}

// start starts n processes, a few at a time, and waits for them.
func (l *launcher) start(n int, hogs bool) {
	jobs := make(chan process)
	var workers sync.WaitGroup
	for w := 0; w < 2*runtime.NumCPU(); w++ {
		workers.Add(1)
		go func() {
			defer workers.Done()
			for p := range jobs {
				l.launch(p)
			}
		}()
	}
	for i := 0; i < n; i++ {
		jobs <- choose(i, hogs)
	}
	close(jobs)
	workers.Wait()
}

// A process is one choice of all that varies.
type process struct {
	tag, program, outcome string
	single, stopped, hogs bool
}

var programs = []string{"server", "crowd", "inherit", "churn"}

// choose returns the process number i: each combination comes up.
func choose(i int, hogs bool) process {
	p := process{program: programs[i%len(programs)], hogs: hogs}
	i /= len(programs)
	p.tag = builds[i%len(builds)]
	i /= len(builds)
	p.single = i%2 == 1
	i /= 2
	p.stopped = i%3 == 2
	i /= 3
	outcomes := []string{"", "safe"}
	if strings.HasPrefix(p.tag, "gls_check") {
		outcomes = append(outcomes, "ids", "liveness")
	}
	p.outcome = outcomes[i%len(outcomes)]
	return p
}

func (p process) String() string {
	s := "tags=" + p.tag + " program=" + p.program
	for name, on := range map[string]bool{"outcome=" + p.outcome: p.outcome != "", "one processor": p.single, "stopped": p.stopped, "hogs": p.hogs} {
		if on {
			s += " " + name
		}
	}
	return s
}

// launch runs one process and counts it.
func (l *launcher) launch(p process) {
	var out bytes.Buffer
	cmd := exec.Command(binary(l.dir, p.tag), p.program)
	cmd.Stdout, cmd.Stderr = &out, &out
	cmd.Env = append(os.Environ(), "GOTRACEBACK=crash")
	switch p.outcome {
	case "safe":
		cmd.Env = append(cmd.Env, "GLS_SAFE=1")
	case "ids", "liveness":
		cmd.Env = append(cmd.Env, "GLS_CHECK_OUTCOME="+p.outcome)
	}
	if p.single {
		cmd.Env = append(cmd.Env, "GOMAXPROCS=1")
	} else {
		cmd.Env = append(cmd.Env, "GOMAXPROCS=2")
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	err := cmd.Start()
	if err == nil {
		ended := make(chan struct{})
		go func() { err = cmd.Wait(); close(ended) }()
		watch(cmd, p, ended)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts.Processes++
	l.counts.By["program "+p.program]++
	l.counts.By["tags "+p.tag]++
	l.counts.By["outcome "+p.outcome]++
	if p.hogs {
		l.counts.By["beside hogs"]++
	}
	if p.stopped {
		l.counts.By["stopped"]++
	}
	if p.single {
		l.counts.By["one processor"]++
	}
	if err != nil {
		l.counts.Failed++
		l.report(p, err, out.Bytes(), cmd.Env)
	}
}

// limit is how long a process may take; it needs some milliseconds. One that
// hangs is told to print its stacks.
const limit = 5 * time.Minute

// watch stops and continues the process if p says so, until it has ended.
func watch(cmd *exec.Cmd, p process, ended <-chan struct{}) {
	for i := 0; p.stopped && i < 5; i++ {
		select {
		case <-ended:
			return
		case <-time.After(time.Duration(rand.Intn(1500)) * time.Microsecond):
		}
		_ = cmd.Process.Signal(syscall.SIGSTOP)
		<-time.After(time.Duration(rand.Intn(1500)) * time.Microsecond)
		_ = cmd.Process.Signal(syscall.SIGCONT)
	}
	select {
	case <-ended:
	case <-time.After(limit):
		_ = cmd.Process.Signal(syscall.SIGQUIT)
		<-ended
	}
}

// report keeps what is known of a failure.
func (l *launcher) report(p process, err error, out []byte, env []string) {
	text := fmt.Sprintf("%v\n%v\n%s\n%s\n%s\n", p, err, runtime.Version(), strings.Join(env, "\n"), out)
	fmt.Fprintf(os.Stderr, "fresh: %v: %v\n%.2000s\n", p, err, out)
	if os.MkdirAll(l.keep, 0o700) == nil {
		_ = os.WriteFile(filepath.Join(l.keep, fmt.Sprintf("failure-%d", time.Now().UnixNano())), []byte(text), 0o600)
	}
}
