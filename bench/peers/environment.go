package main

import (
	"fmt"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/perf/benchfmt"
)

// environment returns what there is to know about the machine, the versions and
// the command, as the configuration of a benchmark file.
func environment(quick bool) []benchfmt.Config {
	var config []benchfmt.Config
	add := func(key, value string) {
		if value != "" {
			config = append(config, benchfmt.Config{Key: key, Value: []byte(value), File: true})
		}
	}
	add("pkg", "github.com/seed18162548/contextvars/bench/peers")
	add("goos", runtime.GOOS)
	add("goarch", runtime.GOARCH)
	add("cpu", matchFile("/proc/cpuinfo", `(?m)^model name\s*: (.*)$`))
	add("cores", fmt.Sprint(runtime.NumCPU()))
	add("memory", matchFile("/proc/meminfo", `(?m)^MemTotal:\s*(.*)$`))
	add("kernel", matchFile("/proc/version", `^(Linux version \S+)`))
	add("load", matchFile("/proc/loadavg", `^(\S+ \S+ \S+)`))
	add("go", runtime.Version())
	add("date", time.Now().UTC().Format(time.DateOnly))
	add("commit", commit())
	add("command", "go -C bench/peers run . "+strings.Join(os.Args[1:], " "))
	if quick {
		add("effort", "quick")
	} else {
		add("effort", "full")
	}
	if build, ok := debug.ReadBuildInfo(); ok {
		for _, m := range build.Deps {
			for _, c := range field() {
				if c.Module == m.Path {
					add("version-"+c.Name, m.Version)
				}
			}
			if m.Path == "golang.org/x/perf" {
				add("version-perf", m.Version)
			}
		}
	}
	return config
}

// matchFile returns what the group of the expression matches in a file, "" if
// it or the file is not there.
func matchFile(path, expression string) string {
	content, err := os.ReadFile(path)
	if err != nil {
		return ""
	}
	if match := regexp.MustCompile(expression).FindSubmatch(content); match != nil {
		return strings.TrimSpace(string(match[1]))
	}
	return ""
}

// commit returns the revision that is measured, "" if it is in no repository.
func commit() string {
	out, err := exec.Command("git", "describe", "--always", "--dirty", "--tags").Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}
