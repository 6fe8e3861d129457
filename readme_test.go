package gls_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReadmePrograms compiles and runs every Go program of the README as it is
// typed, in a module that replaces this one by the checkout, and compares what
// it prints with the block that follows it, in which "…" is anything.
func TestReadmePrograms(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)```go\n(.*?)```\n\n```text\n(.*?)```").FindAllStringSubmatch(string(readme), -1)
	require.Len(t, blocks, strings.Count(string(readme), "```go\n"), "every Go block needs a text block with its output")
	require.NotEmpty(t, blocks)

	checkout, err := os.Getwd()
	require.NoError(t, err)
	dir := t.TempDir()
	mod, err := os.ReadFile("go.mod")
	require.NoError(t, err)
	const us = "github.com/seed18162548/contextvars"
	own := strings.Replace(string(mod), "module "+us, "module readme", 1) +
		"\nrequire " + us + " v0.0.0\nreplace " + us + " => " + checkout + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(own), 0o600))
	sum, err := os.ReadFile("go.sum")
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o600))

	for i, block := range blocks {
		file := filepath.Join(dir, "main.go")
		require.NoError(t, os.WriteFile(file, []byte(block[1]), 0o600))
		cmd := exec.Command("go", "run", file)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, "program %d: %s", i, out)
		want := strings.ReplaceAll(regexp.QuoteMeta(block[2]), "…", ".*")
		require.Regexp(t, "^"+want+"$", string(out), "program %d", i)
	}
}

// TestReadmeCommands: what the README tells to run exists.
func TestReadmeCommands(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	require.NoError(t, err)
	makefile, err := os.ReadFile("Makefile")
	require.NoError(t, err)
	targets := regexp.MustCompile("make ([a-z-]+)").FindAllStringSubmatch(string(readme), -1)
	require.NotEmpty(t, targets)
	for _, target := range targets {
		require.Regexp(t, `(?m)^`+target[1]+`:`, string(makefile), "make "+target[1])
	}
	for _, program := range regexp.MustCompile(`go -C (\S+) run \./(\S+)`).FindAllStringSubmatch(string(readme), -1) {
		require.FileExists(t, filepath.Join(program[1], program[2], "main.go"))
	}
	prose := regexp.MustCompile("(?s)```.*?```").ReplaceAllString(string(readme), "")
	for _, link := range regexp.MustCompile(`\]\(([^)#]+)\)`).FindAllStringSubmatch(prose, -1) {
		if !strings.Contains(link[1], "://") {
			_, err := os.Stat(link[1])
			require.NoError(t, err, "the README links to it")
		}
	}
}
