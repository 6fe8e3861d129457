package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"time"
)

// measure runs the experiments, each in a process of its own, and returns what
// they write. One that fails is named in the error and does not keep the others
// from running.
func measure(ctx context.Context, list []experiment, quick bool) ([]byte, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var (
		raw    bytes.Buffer
		failed []string
		shown  = newProgress(list)
	)
	for _, e := range list {
		args := []string{"-measure", e.name}
		if quick {
			args = append(args, "-quick")
		}
		process := exec.CommandContext(ctx, self, args...)
		var complaint bytes.Buffer
		process.Stderr = &complaint
		out, err := process.StdoutPipe()
		if err != nil {
			return nil, err
		}
		shown.begin(e)
		if err := process.Start(); err != nil {
			return nil, err
		}
		// A process that dies leaves its results up to then.
		lines := bufio.NewScanner(io.TeeReader(out, &raw))
		for lines.Scan() {
			shown.line(lines.Text())
		}
		if err := process.Wait(); err != nil {
			if ctx.Err() != nil {
				return nil, ctx.Err()
			}
			failed = append(failed, fmt.Sprintf("%s: %v\n%s", e.name, err, strings.TrimSpace(complaint.String())))
		} else if complaint.Len() > 0 {
			shown.say(complaint.String())
		}
		shown.end(e)
	}
	shown.done()
	if failed != nil {
		err = fmt.Errorf("not measured:\n%s", strings.Join(failed, "\n"))
	}
	return raw.Bytes(), err
}

// A progress shows how far the experiments are, on one line of a terminal, or
// on a line for each.
type progress struct {
	terminal    bool
	start       time.Time
	number, of  int
	weight, all int
	last        time.Time
}

func newProgress(list []experiment) *progress {
	p := &progress{start: time.Now(), of: len(list)}
	for _, e := range list {
		p.all += e.weight
	}
	if info, err := os.Stderr.Stat(); err == nil {
		p.terminal = info.Mode()&os.ModeCharDevice != 0
	}
	return p
}

func (p *progress) begin(e experiment) {
	p.number++
	if !p.terminal {
		fmt.Fprintf(os.Stderr, "%s\n", p.text(e.name))
		return
	}
	p.show(e.name)
}

// line shows that the benchmark of a line of results was measured.
func (p *progress) line(result string) {
	if name, _, ok := strings.Cut(result, " "); ok && p.terminal && time.Since(p.last) > 100*time.Millisecond {
		p.show(strings.TrimPrefix(name, "Benchmark"))
	}
}

// say prints what an experiment has to say, on lines of its own.
func (p *progress) say(text string) {
	if p.terminal {
		fmt.Fprint(os.Stderr, "\r\x1b[K")
	}
	fmt.Fprintln(os.Stderr, strings.TrimSpace(text))
}

func (p *progress) end(e experiment) { p.weight += e.weight }

func (p *progress) done() {
	if p.terminal {
		fmt.Fprint(os.Stderr, "\r\x1b[K")
	}
	fmt.Fprintf(os.Stderr, "measured %d experiments in %v\n", p.of, time.Since(p.start).Round(time.Second))
}

func (p *progress) show(what string) {
	p.last = time.Now()
	fmt.Fprintf(os.Stderr, "\r\x1b[K%s", p.text(what))
}

func (p *progress) text(what string) string {
	elapsed := time.Since(p.start)
	left := ""
	if p.weight > p.all/20 {
		left = fmt.Sprintf(", about %v left", (elapsed / time.Duration(p.weight) * time.Duration(p.all-p.weight)).Round(time.Second))
	}
	return fmt.Sprintf("[%2d/%d] %v%s: %s", p.number, p.of, elapsed.Round(time.Second), left, what)
}
