package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"sort"
	"time"
)

// tests has the outcomes of tests, pass, fail or skip, by package and name.
type tests map[string]string

// runTests runs tests with the output of go test -json. A command that fails
// without any outcome is an error; failing tests are not.
func runTests(dir, name string, args ...string) (tests, time.Duration, error) {
	start := time.Now()
	cmd := command(dir, name, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	took := time.Since(start)
	outcomes := tests{}
	s := bufio.NewScanner(&stdout)
	s.Buffer(nil, 1<<24)
	for s.Scan() {
		var e struct{ Action, Package, Test string }
		if json.Unmarshal(s.Bytes(), &e) != nil || e.Test == "" {
			continue // not an event, or the event of a whole package
		}
		switch e.Action {
		case "pass", "fail", "skip":
			outcomes[e.Package+" "+e.Test] = e.Action
		}
	}
	if len(outcomes) == 0 {
		return nil, took, fmt.Errorf("%s %v ran no tests: %v\n%s", name, args, err, stderr.Bytes())
	}
	return outcomes, took, s.Err()
}

func (t tests) count(outcome string) int { return len(t.named(outcome)) }

func (t tests) named(outcome string) (names []string) {
	for name, o := range t {
		if o == outcome {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// lostIn returns the tests that passed in t but not in now.
func (t tests) lostIn(now tests) (names []string) {
	for _, name := range t.named("pass") {
		if now[name] != "pass" {
			names = append(names, name)
		}
	}
	return names
}

// command returns a command that runs in dir, in no workspace.
func command(dir, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	return cmd
}
