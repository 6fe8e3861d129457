//go:build linux

// Command fresh starts many short processes, each of which uses the library
// from its first millisecond on and checks itself; see the directories program
// and server. What is special then, first insertions into the shared empty
// table and the start-up check with each of its outcomes, is gone after a
// moment in every longer test.
//
// Half of the processes are pinned to one core, half have one processor of the
// runtime's, a third are stopped and continued by signals, and a fifth run
// beside CPU hogs. Each writes a schedule trace. One that fails leaves a
// directory with its output and trace, its environment, the program and, if the
// system writes one, its core. The counts of all runs add up in a file.
package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sort"
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
	if err := os.MkdirAll(*keep, 0o700); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(*keep, "run")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, tag := range builds {
		out, err := exec.Command("go", "build", "-tags", tag, "-o", programDir(dir, tag),
			"./internal/fresh/program", "./internal/fresh/server").CombinedOutput()
		if err != nil {
			return fmt.Errorf("%v: %s", err, out)
		}
	}
	unlimited := syscall.Rlimit{Cur: 1 << 40, Max: 1 << 40}
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &unlimited) // without permission there are no cores

	l, err := newLauncher(dir, *keep)
	if err != nil {
		return err
	}
	begin := time.Now()
	if err := l.start(*n-*n/5, false); err != nil {
		return err
	}
	stop, err := startHogs(*hogs)
	if err != nil {
		return err
	}
	err = l.start(*n/5, true)
	stop()
	if err != nil {
		return err
	}
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
