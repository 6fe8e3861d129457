package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"github.com/seed18162548/contextvars/examples/internal/paint"
)

// The size of the self-test.
const (
	requests    = 100
	connections = 10
)

// errCheck is returned if the report shows what is wrong.
var errCheck = errors.New("the check failed")

// A part is the front or the back, running as a process.
type part struct {
	cmd   *exec.Cmd
	input io.Closer
	hello string
	log   *bytes.Buffer // complete once the process has ended
}

// start starts this program with args and waits until it says that it is ready.
func start(args ...string) (*part, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &part{cmd: exec.Command(program, args...), log: new(bytes.Buffer)}
	p.cmd.Stderr = p.log
	input, err := p.cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	p.input = input
	output, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	if p.hello, err = bufio.NewReader(output).ReadString('\n'); err != nil {
		p.kill()
		return nil, fmt.Errorf("%s did not start: %s", args[0], p.log)
	}
	return p, nil
}

// stop lets the process shut down.
func (p *part) stop() error {
	if p == nil || p.cmd.ProcessState != nil {
		return nil
	}
	p.input.Close()
	if err := p.cmd.Wait(); err != nil {
		return fmt.Errorf("%s: %w: %s", p.cmd.Args[1], err, p.log)
	}
	return nil
}

// kill ends the process like a crash.
func (p *part) kill() {
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait()
}

// selfTest runs both processes, sends them calls, and prints the results. It
// returns errCheck if one of them is wrong.
func selfTest(stdout io.Writer) (err error) {
	dir, err := os.MkdirTemp("", "cluster-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	file := filepath.Join(dir, "pictures.db")

	f, err := start("-front", "127.0.0.1:0")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.stop()) }()
	base := regexp.MustCompile(`http://[^,]+`).FindString(f.hello)
	queue := regexp.MustCompile(`nats://[^;]+`).FindString(f.hello)
	b, err := start("-back", queue, "-db", file)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, b.stop()) }()
	fmt.Fprintf(stdout, "front: process %d\nback:  process %d\n", f.cmd.Process.Pid, b.cmd.Process.Pid)

	calls := plan(requests)
	var answered atomic.Int32
	half := make(chan struct{})
	sent := make(chan error, 1)
	begin := time.Now()
	go func() {
		sent <- sendAll(base, calls, connections, func() {
			if answered.Add(1) == requests/2 {
				close(half)
			}
		})
	}()
	<-half
	b.kill()
	again, err := start("-back", queue, "-db", file)
	if err != nil {
		return errors.Join(err, <-sent)
	}
	killed := b
	b = again
	fmt.Fprintf(stdout, "back:  killed, now process %d\n", b.cmd.Process.Pid)
	if err := <-sent; err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%d requests answered in %v\n", requests, time.Since(begin).Round(time.Millisecond))
	if err := errors.Join(b.stop(), f.stop()); err != nil {
		return err
	}

	rows, err := openStore(file)
	if err != nil {
		return err
	}
	defer func() { _ = rows.close() }()
	marks, err := rows.marks()
	if err != nil {
		return err
	}
	marks = append(marks, replyMarks(calls)...)
	log := f.log.String() + whole(killed.log.String()) + b.log.String()
	sample(stdout, log, calls[requests-1])
	if !report(stdout, paint.For(stdout), check(calls, append(marks, logMarks(log)...))) {
		return errCheck
	}
	return nil
}

// whole returns log up to its last complete line. A process that was killed may
// have written only part of a line.
func whole(log string) string { return log[:strings.LastIndexByte(log, '\n')+1] }

// sample prints the first two lines of each process that are about c.
func sample(w io.Writer, log string, c *call) {
	fmt.Fprintf(w, "\nsome of what %s left:\n\n", c.who.Request)
	shown := map[bool]int{}
	for line := range strings.Lines(log) {
		back := strings.Contains(line, " process=back ")
		if strings.Contains(line, " request_id="+c.who.Request+" ") && shown[back] < 2 {
			shown[back]++
			fmt.Fprint(w, "  ", line)
		}
	}
}
