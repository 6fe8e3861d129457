package goroutine_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/internal/goroutine"
)

func TestExportedMethod(t *testing.T) {
	for function, want := range map[string]string{
		"main.main":                             "",
		"main.F":                                "",
		"example.com/p.F":                       "",
		"example.com/p.v2.F":                    "F", // cannot be, but is no harm
		"main.main.func1":                       "",
		"main.F.func1.2":                        "",
		"main.T.M":                              "M",
		"main.(*T).M":                           "M",
		"main.(*T).m":                           "",
		"main.(*T).Ähnlich":                     "Ähnlich",
		"main.(*T).M.func1":                     "",
		"main.F[...]":                           "",
		"main.F[...].func1":                     "",
		"main.(*T[...]).M":                      "M",
		"gopkg.in/yaml%2ev3.F":                  "",
		"github.com/x/y.T.RuntimeError":         "RuntimeError",
		"net/http.(*conn).serve":                "",
		"net/http.(*Server).ListenAndServe":     "ListenAndServe",
		"github.com/x/y/v2.(*Pool[...]).Worker": "Worker",
	} {
		require.Equal(t, want, goroutine.ExportedMethod(function), function)
	}
}

func TestHasPrefix(t *testing.T) {
	module := func(path string) *debug.Module { return &debug.Module{Path: path} }
	main := *module("example.com/main")
	for _, row := range []struct {
		name string
		info debug.BuildInfo
		want bool
	}{
		{"none", debug.BuildInfo{Main: main, Path: "example.com/main/cmd"}, false},
		{"dependencies", debug.BuildInfo{Main: main, Deps: []*debug.Module{module("example.com/runtime.x")}}, false},
		{"a dependency", debug.BuildInfo{Main: main, Deps: []*debug.Module{module("a"), module("runtime.x/y")}}, true},
		{"the main module", debug.BuildInfo{Main: *module("runtime.example.com")}, true},
		{"no modules", debug.BuildInfo{Path: "command-line-arguments"}, true},
	} {
		require.Equal(t, row.want, goroutine.HasPrefix(&row.info), row.name)
	}
}

// TestModuleNamedLikeRuntime runs testdata/prefix as a module whose path begins
// with "runtime.", so that the runtime takes some of its goroutines for its
// own.
func TestModuleNamedLikeRuntime(t *testing.T) {
	dir := t.TempDir()
	copyTree(t, filepath.Join("testdata", "prefix"), dir)
	runElsewhere(t, dir, "runtime.example.com/prefix", "GLS_SAFE=1")
}

// TestAncestors: traces that name ancestors do not confuse the goroutine that
// runs cleanups with one of its own.
func TestAncestors(t *testing.T) {
	dir := t.TempDir()
	copyTree(t, filepath.Join("testdata", "ancestors"), dir)
	runElsewhere(t, dir, "example.com/ancestors", "GLS_SAFE=1", "GODEBUG=tracebackancestors=10")
}

// runElsewhere runs the program in dir as a module of its own.
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
	if emulator := os.Getenv("GLS_EXEC"); emulator != "" {
		args = append(args, "-exec", emulator)
	}
	cmd := exec.Command("go", append(args, ".")...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Contains(t, string(out), "ok\n")
}

// copyTree copies the files of the directory from, and of those in it, to to.
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
