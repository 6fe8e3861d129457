// Package spin checks models with spin: each must be right in every
// configuration, and wrong with each seeded fault.
package spin

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// A Run is one exhaustive search.
type Run struct {
	Name    string
	Defines []string
	// Violates matches the assertion that must fail, as pan prints it, with the
	// parameters of the process filled in. It is nil if none may fail.
	Violates *regexp.Regexp
}

// Main makes the runs of the model in the file main, which may include other
// files of model, and prints the results. It needs spin, a C compiler and 2
// GiB. The exit status is 1 if a result is not the expected one.
func Main(model fs.FS, main string, runs []Run) {
	for _, tool := range []string{"spin", "gcc"} {
		if _, err := exec.LookPath(tool); err != nil {
			fmt.Fprintf(os.Stderr, "model: %s is not installed (Debian: apt-get install spin gcc)\n", tool)
			os.Exit(1)
		}
	}
	failed := false
	for _, r := range runs {
		line, err := r.check(model, main)
		if err != nil {
			failed = true
			line = "FAILED: " + err.Error()
		}
		fmt.Printf("%s: %s\n", r.Name, line)
	}
	if failed {
		os.Exit(1)
	}
}

// check searches the state space and describes the result. It returns an error
// if that is not the expected one.
func (r Run) check(model fs.FS, main string) (string, error) {
	dir, err := os.MkdirTemp("", "spin-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	names, err := fs.Glob(model, "*.pml")
	if err != nil {
		return "", err
	}
	for _, name := range names {
		text, err := fs.ReadFile(model, name)
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return "", err
		}
	}
	// MEMLIM is in MiB. -w: the generated code prints more than it should.
	steps := [][]string{
		append(append([]string{"spin", "-a"}, r.Defines...), main),
		{"gcc", "-O2", "-w", "-DSAFETY", "-DCOLLAPSE", "-DMEMLIM=2048", "-o", "pan", "pan.c"},
		{filepath.Join(dir, "pan"), "-m200000"},
	}
	var out []byte
	for _, s := range steps {
		cmd := exec.Command(s[0], s[1:]...)
		cmd.Dir = dir
		if out, err = cmd.CombinedOutput(); err != nil {
			return "", fmt.Errorf("%s: %w\n%s", s[0], err, out)
		}
	}
	return r.judge(string(out))
}

var (
	states    = regexp.MustCompile(`(\d+) states, stored`)
	verdict   = regexp.MustCompile(`errors: (\d+)`)
	violation = regexp.MustCompile(`pan:\d+: (.*) \(at depth \d+\)`)
	unreached = regexp.MustCompile(`(?m)^\s+.*, state \d+, .*$`)
)

// incomplete has the messages of pan that mean that it did not search all
// states.
var incomplete = []string{"max search depth too small", "out of memory", "MEMLIM bound", "Search not completed"}

// judge compares pan's report with the expected result of r.
func (r Run) judge(report string) (string, error) {
	count, errs := states.FindStringSubmatch(report), verdict.FindStringSubmatch(report)
	if count == nil || errs == nil {
		return "", errors.New("pan's report is not understood:\n" + report)
	}
	v := violation.FindStringSubmatch(report)
	if r.Violates != nil {
		if v == nil {
			return "", fmt.Errorf("not found in %s states", count[1])
		}
		if !r.Violates.MatchString(v[1]) {
			return "", fmt.Errorf("found otherwise than expected: %s, not %s", v[1], r.Violates)
		}
		return fmt.Sprintf("found in %s states: %s", count[1], v[1]), nil
	}
	if v != nil || errs[1] != "0" {
		return "", errors.New("an error was found:\n" + report)
	}
	for _, words := range incomplete {
		if strings.Contains(report, words) {
			return "", errors.New("the search was not complete: " + words)
		}
	}
	if lines := unreached.FindAllString(report, -1); len(lines) > 0 {
		return "", errors.New("parts of the model were never reached:\n" + strings.Join(lines, "\n"))
	}
	return fmt.Sprintf("no error in %s states, all of the model reached", count[1]), nil
}
