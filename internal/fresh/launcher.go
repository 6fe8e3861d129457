//go:build linux

package main

import (
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// A launcher starts processes and counts how they end.
type launcher struct {
	dir, keep string   // where the programs are, and where failures go; immutable
	cores     []int    // that it may use; immutable
	env       []string // without what differs between processes; immutable

	mu     sync.Mutex
	counts counts // guarded by mu
}

func newLauncher(dir, keep string) (*launcher, error) {
	cores, err := allowedCores()
	return &launcher{dir: dir, keep: keep, cores: cores, env: os.Environ(), counts: counts{By: map[string]int{}}}, err
}

// start runs n processes, a few at a time, and waits for them.
func (l *launcher) start(n int, hogs bool) error {
	pinned, free := make(chan process), make(chan process)
	var workers sync.WaitGroup
	atATime := 2
	if hogs { // which take most of the time
		atATime = 6
	}
	errs := make(chan error, 2*atATime*len(l.cores)) // one for each worker
	worker := func(core int, jobs <-chan process) {
		workers.Add(1)
		go func() {
			defer workers.Done()
			if err := l.work(core, jobs); err != nil {
				errs <- err
				for range jobs { // so that nobody waits for this worker
				}
			}
		}()
	}
	for _, core := range l.cores {
		for i := 0; i < atATime; i++ {
			worker(core, pinned)
			worker(-1, free)
		}
	}
	var feeders sync.WaitGroup
	feed := func(first int, jobs chan<- process) {
		feeders.Add(1)
		go func() {
			defer feeders.Done()
			defer close(jobs)
			for i := first; i < n; i += 2 {
				jobs <- choose(i, hogs)
			}
		}()
	}
	feed(0, free)
	feed(1, pinned)
	feeders.Wait()
	workers.Wait()
	select {
	case err := <-errs:
		return err
	default:
		return nil
	}
}

// work launches jobs, on one core unless that is -1.
func (l *launcher) work(core int, jobs <-chan process) error {
	// A process inherits the core from the thread that starts it, and is killed
	// when that thread ends.
	runtime.LockOSThread() // for good: another goroutine must not inherit a core
	if core >= 0 {
		if err := pin(syscall.Gettid(), core); err != nil {
			return err
		}
	}
	desk, err := l.newDesk()
	if err != nil {
		return err
	}
	for p := range jobs {
		if err := l.launch(p, desk); err != nil {
			return err
		}
	}
	return desk.clear()
}

// pin confines a thread to one core.
func pin(thread, core int) error {
	out, err := exec.Command("taskset", "-cp", strconv.Itoa(core), strconv.Itoa(thread)).CombinedOutput()
	if err != nil {
		return fmt.Errorf("taskset: %v: %s", err, out)
	}
	return nil
}

// allowedCores returns the cores that this process may use.
func allowedCores() ([]int, error) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return nil, err
	}
	_, list, _ := strings.Cut(string(status), "\nCpus_allowed_list:\t")
	list, _, _ = strings.Cut(list, "\n")
	return parseCores(list)
}

// parseCores returns the numbers in a list such as "0-2,5".
func parseCores(list string) (cores []int, err error) {
	for _, part := range strings.Split(list, ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		first, err := strconv.Atoi(from)
		if err != nil {
			return nil, err
		}
		last, err := strconv.Atoi(to)
		if err != nil {
			return nil, err
		}
		for core := first; core <= last; core++ {
			cores = append(cores, core)
		}
	}
	return cores, nil
}

// A desk is the directory in which the processes of a worker run one after the
// other, with a file for output and schedule trace.
type desk struct {
	dir    string
	output *os.File
}

func (l *launcher) newDesk() (*desk, error) {
	dir, err := os.MkdirTemp(l.keep, "desk")
	if err != nil {
		return nil, err
	}
	output, err := os.OpenFile(filepath.Join(dir, "output"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	return &desk{dir, output}, err
}

func (d *desk) clear() error {
	if err := d.output.Close(); err != nil {
		return err
	}
	return os.RemoveAll(d.dir)
}

// launch runs one process and counts it.
func (l *launcher) launch(p process, d *desk) error {
	if err := d.output.Truncate(0); err != nil {
		return err
	}
	path, args := p.command(l.dir)
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = d.dir, d.output, d.output
	env := p.environment()
	cmd.Env = append(l.env[:len(l.env):len(l.env)], env...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	err := cmd.Start()
	if err == nil {
		ended := make(chan struct{})
		if p.stopped {
			go disturb(cmd.Process, ended)
		}
		alarm := newAlarm(cmd.Process)
		err = cmd.Wait()
		close(ended)
		alarm.stop()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts.Processes++
	for _, name := range p.properties() {
		l.counts.By[name]++
	}
	if err == nil {
		return nil
	}
	l.counts.Failed++
	return l.report(p, d, err, cmd)
}

// disturb stops and continues a process until it has ended.
func disturb(process *os.Process, ended <-chan struct{}) {
	for i := 0; i < 5; i++ {
		select {
		case <-ended:
			return
		case <-time.After(time.Duration(rand.Intn(1500)) * time.Microsecond):
		}
		_ = process.Signal(syscall.SIGSTOP)
		<-time.After(time.Duration(rand.Intn(1500)) * time.Microsecond)
		_ = process.Signal(syscall.SIGCONT)
	}
}

// An alarm makes a process that hangs print its stacks: one that takes five
// minutes instead of some milliseconds. It counts seconds only while the
// launcher runs, because both may be stopped together.
type alarm struct {
	mu      sync.Mutex
	timer   *time.Timer // guarded by mu
	seconds int         // guarded by mu
}

func newAlarm(process *os.Process) *alarm {
	a := new(alarm)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.timer = time.AfterFunc(time.Second, func() {
		a.mu.Lock()
		defer a.mu.Unlock()
		if a.seconds++; a.seconds == 300 {
			_ = process.Signal(syscall.SIGQUIT)
		} else if a.timer != nil {
			a.timer.Reset(time.Second)
		}
	})
	return a
}

func (a *alarm) stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.timer.Stop()
	a.timer = nil
}

// mostKept is the maximum number of failures that are kept. Each may have a
// core file.
const mostKept = 20

// report keeps the directory of d, in which p failed, with all that is known,
// and gives d a new one. mu must be held.
func (l *launcher) report(p process, d *desk, failure error, cmd *exec.Cmd) error {
	what := fmt.Sprintf("%s: %v\n%s\n%s\n", strings.Join(p.properties(), ", "), failure, runtime.Version(), strings.Join(cmd.Env, "\n"))
	fmt.Fprintf(os.Stderr, "fresh: %s: %v\n", strings.Join(p.properties(), ", "), failure)
	if l.counts.Failed > mostKept {
		return nil
	}
	if err := os.WriteFile(filepath.Join(d.dir, "environment"), []byte(what), 0o600); err != nil {
		return err
	}
	// A core file is useless without its program, which may not exist, though.
	if text, err := os.ReadFile(cmd.Path); err == nil {
		if err := os.WriteFile(filepath.Join(d.dir, "program"), text, 0o700); err != nil {
			return err
		}
	}
	if err := d.output.Close(); err != nil {
		return err
	}
	if err := os.Rename(d.dir, filepath.Join(l.keep, fmt.Sprintf("failure-%d", time.Now().UnixNano()))); err != nil {
		return err
	}
	fresh, err := l.newDesk()
	if err == nil {
		*d = *fresh
	}
	return err
}
