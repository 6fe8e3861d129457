package docs_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestAdapterSkeleton compiles the skeleton of adapters.md and runs its tests,
// as a module of its own that finds this one by replace.
func TestAdapterSkeleton(t *testing.T) {
	page, err := os.ReadFile("adapters.md")
	require.NoError(t, err)
	files := regexp.MustCompile("(?s)```go file=(\\S+)\n(.*?)```\n").FindAllSubmatch(page, -1)
	require.Len(t, files, 4)

	dir := t.TempDir()
	write := func(name string, content []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o600))
	}
	for _, f := range files {
		write(string(f[1]), f[2])
	}
	// It requires what the root does, so that nothing has to be looked up.
	root, err := filepath.Abs("..")
	require.NoError(t, err)
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	const us = "github.com/seed18162548/contextvars"
	mod = regexp.MustCompile(`(?m)^module .*$`).ReplaceAll(mod, []byte("module example.org/glsmail"))
	write("go.mod", fmt.Appendf(mod, "\nrequire %s v0.0.0\n\nreplace %s => %s\n", us, us, root))
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	write("go.sum", sum)

	test := exec.Command("go", "test", "-mod=mod", "-vet=all", ".")
	test.Dir, test.Env = dir, append(os.Environ(), "GOWORK=off")
	text, err := test.CombinedOutput()
	require.NoError(t, err, "%s", text)

	text, err = exec.Command("gofmt", "-l", dir).CombinedOutput()
	require.NoError(t, err, "%s", text)
	require.Empty(t, string(text), "the page shows what gofmt makes of it")
}
