// Model checks the model of the registry's protocol, registry.pml, with spin: it
// must be right in every configuration, and wrong with each seeded fault.
//
// It needs spin and a C compiler, one core, 2 GiB and about a minute.
package main

import (
	"embed"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

//go:embed *.pml
var model embed.FS

// A run is one exhaustive search.
type run struct {
	name    string
	defines []string
	// violates matches the assertion that must fail, as pan prints it: with the
	// parameters of the process put in. It is nil if none may.
	violates *regexp.Regexp
}

// callbacks is the configuration with a g of C threads. It is the one in which
// the faults are looked for: only that g is ever dead for a while.
var callbacks = []string{"-DGS=1", "-DCALLBACKS=1", "-DIDS=2"}

var runs = []run{
	{name: "one g and one of C threads", defines: callbacks},
	{name: "two g's", defines: []string{"-DGS=2", "-DCALLBACKS=0", "-DIDS=2"}},
	{
		name:     "fault: a sweep trusts a stale status",
		defines:  append([]string{"-DFAULT_STALE_STATUS"}, callbacks...),
		violates: regexp.MustCompile(`^assertion violated ended\[who\[swept\]\]$`),
	},
	{
		name:     "fault: a growing table loses a removal",
		defines:  append([]string{"-DFAULT_LOST_REMOVAL"}, callbacks...),
		violates: regexp.MustCompile(`^assertion violated found$`),
	},
	{
		name:     "fault: a growing table loses an insertion",
		defines:  append([]string{"-DFAULT_LOST_INSERT"}, callbacks...),
		violates: regexp.MustCompile(`^assertion violated found$`),
	},
	{
		name:     "fault: a slot becomes empty too early",
		defines:  append([]string{"-DFAULT_EARLY_REUSE"}, callbacks...),
		violates: regexp.MustCompile(`^assertion violated \(entry\[.*\]==0\)$`),
	},
	{
		name:     "fault: a State is reused too early",
		defines:  append([]string{"-DFAULT_EARLY_STATE"}, callbacks...),
		violates: regexp.MustCompile(`^assertion violated \(entry\[x\]!=making\)$`),
	},
}

func main() {
	for _, tool := range []string{"spin", "gcc"} {
		if _, err := exec.LookPath(tool); err != nil {
			fmt.Fprintf(os.Stderr, "model: %s is not installed (Debian: apt-get install spin gcc)\n", tool)
			os.Exit(1)
		}
	}
	failed := false
	for _, r := range runs {
		line, err := r.check()
		if err != nil {
			failed = true
			line = "FAILED: " + err.Error()
		}
		fmt.Printf("%s: %s\n", r.name, line)
	}
	if failed {
		os.Exit(1)
	}
}

// check searches the state space and describes the outcome. It returns an error
// if that is not the one that must be.
func (r run) check() (string, error) {
	dir, err := os.MkdirTemp("", "registry-model-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(dir)
	for _, name := range []string{"registry.pml", "memory.pml"} {
		text, err := model.ReadFile(name)
		if err != nil {
			return "", err
		}
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return "", err
		}
	}
	// MEMLIM is in MiB. -w: the generated code prints more than it should.
	steps := [][]string{
		append(append([]string{"spin", "-a"}, r.defines...), "registry.pml"),
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

// incomplete are the words with which pan admits that it did not search all.
var incomplete = []string{"max search depth too small", "out of memory", "MEMLIM bound", "Search not completed"}

// judge compares pan's report with what r must come to.
func (r run) judge(report string) (string, error) {
	count, errs := states.FindStringSubmatch(report), verdict.FindStringSubmatch(report)
	if count == nil || errs == nil {
		return "", errors.New("pan's report is not understood:\n" + report)
	}
	v := violation.FindStringSubmatch(report)
	if r.violates != nil {
		if v == nil {
			return "", fmt.Errorf("not found in %s states", count[1])
		}
		if !r.violates.MatchString(v[1]) {
			return "", fmt.Errorf("found otherwise than expected: %s, not %s", v[1], r.violates)
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
