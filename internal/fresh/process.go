//go:build linux

package main

import (
	"fmt"
	"path/filepath"
	"strings"
)

// A process is one combination of everything that varies.
type process struct {
	tag, program, outcome string
	procs                 int  // GOMAXPROCS
	oneCore               bool // whether it is pinned to one
	stopped               bool // whether it is stopped and continued now and then
	detail                bool // whether its schedule trace shows each goroutine
	hogs                  bool // whether CPU hogs run beside it
}

var (
	// builds are the build tags of the programs.
	builds = []string{"", "gls_check", "gls_check_asm", "gls_tiny"}
	// tags are the builds by how often they come up: that which users run
	// does as often as the others together.
	tags     = []string{"", "gls_check", "", "gls_check_asm", "", "gls_tiny"}
	programs = []string{"server", "crowd", "inherit", "churn"}
)

// choose returns process number i. Every combination occurs.
func choose(i int, hogs bool) process {
	p := process{hogs: hogs}
	digit := func(n int) (d int) {
		d = i % n
		i /= n
		return d
	}
	p.oneCore = digit(2) == 1
	p.program = programs[digit(len(programs))]
	p.tag = tags[digit(len(tags))]
	p.procs = 1 + digit(2)
	switch digit(3) {
	case 1:
		p.detail = true
	case 2:
		p.stopped = true
	}
	outcomes := []string{"", "", "", "safe"}
	if strings.HasPrefix(p.tag, "gls_check") {
		outcomes = []string{"", "safe", "ids", "liveness"}
	}
	p.outcome = outcomes[digit(len(outcomes))]
	return p
}

// properties returns the properties of p to count.
func (p process) properties() []string {
	list := []string{"program " + p.program, "tags " + p.tag, "outcome " + p.outcome}
	for _, x := range []struct {
		name string
		has  bool
	}{
		{"one core", p.oneCore},
		{"one processor", p.procs == 1},
		{"stopped", p.stopped},
		{"schedule trace in detail", p.detail},
		{"beside hogs", p.hogs},
	} {
		if x.has {
			list = append(list, x.name)
		}
	}
	return list
}

// environment returns the variables that p needs besides those of the launcher.
func (p process) environment() []string {
	env := []string{"GOTRACEBACK=crash", "GODEBUG=schedtrace=1", fmt.Sprint("GOMAXPROCS=", p.procs)}
	if p.detail {
		env[1] += ",scheddetail=1"
	}
	switch p.outcome {
	case "safe":
		env = append(env, "GLS_SAFE=1")
	case "ids", "liveness":
		env = append(env, "GLS_CHECK_OUTCOME="+p.outcome)
	}
	return env
}

// programDir returns the directory in dir with the programs for that build tag.
func programDir(dir, tag string) string {
	return filepath.Join(dir, "programs"+tag) + string(filepath.Separator)
}

// command returns the program of p, and its arguments.
func (p process) command(dir string) (path string, args []string) {
	if p.program == "server" {
		return programDir(dir, p.tag) + "server", nil
	}
	return programDir(dir, p.tag) + "program", []string{p.program}
}
