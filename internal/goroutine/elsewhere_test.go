//go:build !gls_hosted

package goroutine_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/internal/target"
)

// TestModuleNamedLikeRuntime runs testdata/prefix as a module whose path begins
// with "runtime.", so that the runtime takes some of its goroutines for its
// own. Other contents of traces make no difference.
func TestModuleNamedLikeRuntime(t *testing.T) {
	dir := t.TempDir()
	copyTree(t, filepath.Join("testdata", "prefix"), dir)
	runElsewhere(t, dir, "runtime.example.com/prefix", "GLS_SAFE=1")
	runElsewhere(t, dir, "runtime.example.com/prefix",
		"GLS_SAFE=1", "GODEBUG=tracebackancestors=10,tracebacklabels=1", "GOTRACEBACK=system")
}

// TestAncestors: traces that name ancestors do not confuse the goroutine that
// runs cleanups with one of its own.
func TestAncestors(t *testing.T) {
	dir := t.TempDir()
	copyTree(t, filepath.Join("testdata", "ancestors"), dir)
	runElsewhere(t, dir, "example.com/ancestors", "GLS_SAFE=1", "GODEBUG=tracebackancestors=10")
}

// runElsewhere runs the program in dir as a separate module.
func runElsewhere(t *testing.T, dir, module string, env ...string) {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	require.NoError(t, err)
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	require.NoError(t, err)
	const name = "github.com/seed18162548/contextvars"
	text := strings.Replace(string(mod), "module "+name, "module "+module, 1)
	text += "\nrequire " + name + " v0.0.0\nreplace " + name + " => " + root + "\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.mod"), []byte(text), 0o600))
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, "go.sum"), sum, 0o600))
	args := []string{"run", "-mod=mod"}
	if emulator := target.Emulator(); emulator != "" {
		args = append(args, "-exec", emulator)
	}
	cmd := exec.Command("go", append(args, ".")...)
	cmd.Dir = dir
	cmd.Env = append(target.Env(), env...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "ok\n")
}

// copyTree copies the directory from to the directory to.
func copyTree(t *testing.T, from, to string) {
	t.Helper()
	require.NoError(t, filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), data, 0o600)
	}))
}
