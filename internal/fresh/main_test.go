//go:build linux

package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLaunch checks that a process that succeeds is counted, and that one that
// fails leaves a report.
func TestLaunch(t *testing.T) {
	dir := t.TempDir()
	out, err := exec.Command("go", "build", "-o", programDir(dir, ""), "./program", "./server").CombinedOutput()
	require.NoError(t, err, string(out))
	l, err := newLauncher(dir, t.TempDir())
	require.NoError(t, err)
	desk, err := l.newDesk()
	require.NoError(t, err)
	for _, name := range programs {
		require.NoError(t, l.launch(process{program: name, procs: 2, stopped: true}, desk))
		require.NoError(t, l.launch(process{program: name, procs: 1, outcome: "safe", detail: true}, desk))
	}
	require.Equal(t, 2*len(programs), l.counts.Processes)
	require.Zero(t, l.counts.Failed)
	require.Equal(t, len(programs), l.counts.By["stopped"])
	require.Empty(t, failures(t, l))

	require.NoError(t, l.launch(process{program: "wrong", procs: 1, outcome: "safe"}, desk))
	require.Equal(t, 1, l.counts.Failed)
	kept := failures(t, l)
	require.Len(t, kept, 1)
	output, err := os.ReadFile(filepath.Join(kept[0], "output"))
	require.NoError(t, err)
	require.Contains(t, string(output), `fresh: on purpose: "a", want "b"`)
	require.Contains(t, string(output), "SCHED 0ms: gomaxprocs=1", "the schedule trace")
	env, err := os.ReadFile(filepath.Join(kept[0], "environment"))
	require.NoError(t, err)
	require.Contains(t, string(env), "\nGLS_SAFE=1\n")
	program, err := os.Stat(filepath.Join(kept[0], "program"))
	require.NoError(t, err)
	require.NotZero(t, program.Size())

	require.NoError(t, l.launch(process{program: "crowd", procs: 1}, desk), "the next one has a new desk")
	require.Equal(t, 1, l.counts.Failed)
	require.NoError(t, desk.clear())
}

func failures(t *testing.T, l *launcher) []string {
	t.Helper()
	list, err := filepath.Glob(filepath.Join(l.keep, "failure-*"))
	require.NoError(t, err)
	return list
}

// TestPin checks that processes of a worker for one core may use only that
// core, even if another worker uses all cores.
func TestPin(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.Mkdir(programDir(dir, ""), 0o700))
	script := "#!/bin/sh\ngrep Cpus_allowed_list /proc/self/status >>" + dir + "/$GOMAXPROCS\n"
	require.NoError(t, os.WriteFile(programDir(dir, "")+"server", []byte(script), 0o700))
	l, err := newLauncher(dir, t.TempDir())
	require.NoError(t, err)
	pinned, free := make(chan process, 1), make(chan process, 1)
	ended := make(chan error)
	go func() { ended <- l.work(l.cores[len(l.cores)-1], pinned) }()
	go func() { ended <- l.work(-1, free) }()
	pinned <- process{program: "server", procs: 1}
	free <- process{program: "server", procs: 2}
	close(pinned)
	close(free)
	require.NoError(t, <-ended)
	require.NoError(t, <-ended)
	require.Zero(t, l.counts.Failed)
	coresOf := func(name string) []int {
		text, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		cores, err := parseCores(strings.TrimSpace(strings.TrimPrefix(string(text), "Cpus_allowed_list:")))
		require.NoError(t, err)
		return cores
	}
	require.Equal(t, l.cores[len(l.cores)-1:], coresOf("1"))
	require.Equal(t, l.cores, coresOf("2"))
}

func TestParseCores(t *testing.T) {
	cores, err := parseCores("0-2,5,7-8")
	require.NoError(t, err)
	require.Equal(t, []int{0, 1, 2, 5, 7, 8}, cores)
	for _, wrong := range []string{"", "1-", "x"} {
		_, err := parseCores(wrong)
		require.Error(t, err, wrong)
	}
}

// TestEveryCombinationComesUp checks that a short run has every combination.
func TestEveryCombinationComesUp(t *testing.T) {
	seen := map[process]bool{}
	for i := 0; i < 1600; i++ {
		seen[choose(i, false)] = true
	}
	// Two outcomes for two builds, four for the two that can be told.
	require.Len(t, seen, 2*len(programs)*2*3*(2*2+2*4))
}

// TestDesignClaimsNoMore checks that DESIGN claims no more than was counted.
func TestDesignClaimsNoMore(t *testing.T) {
	counted, err := readCounts("../../bench/results/fresh.json")
	require.NoError(t, err)
	require.Zero(t, counted.Failed)
	design, err := os.ReadFile("../../DESIGN.md")
	require.NoError(t, err)
	claim := regexp.MustCompile(`([0-9,]+) processes \(.bench/results/fresh\.json`).FindSubmatch(design)
	require.NotNil(t, claim)
	claimed, err := strconv.Atoi(strings.ReplaceAll(string(claim[1]), ",", ""))
	require.NoError(t, err)
	require.LessOrEqual(t, claimed, counted.Processes)
}

func TestCountsAddUp(t *testing.T) {
	file := filepath.Join(t.TempDir(), "counts.json")
	for i := 1; i <= 3; i++ {
		sum, err := counts{Processes: 10, Failed: 1, By: map[string]int{"x": 5}}.addTo(file)
		require.NoError(t, err)
		require.Equal(t, counts{Processes: 10 * i, Failed: i, By: map[string]int{"x": 5 * i}}, sum)
	}
}
