//go:build !gls_hosted

package goroutine_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/internal/target"
)

// readsG reports that a program built for the target without tags reads g.
var readsG = target.ReadsG()

// A report is what testdata/program prints.
type report struct {
	AtStart      int
	Listing      string
	FastID       bool
	FastLiveness bool
	Fast, Slow   int64
	Wrong        int
	Left         int
}

// runProgram runs testdata/program, built with flags, in an environment that
// has env added, and returns its report.
func runProgram(t *testing.T, env []string, flags ...string) (r report) {
	t.Helper()
	args := append([]string{"run"}, flags...)
	if emulator := target.Emulator(); emulator != "" {
		args = append(args, "-exec", emulator)
	}
	cmd := exec.Command("go", append(args, "./testdata/program")...)
	cmd.Env = append(append(target.Env(), "GLS_SAFE="), env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, stderr.String())
	require.NoError(t, json.Unmarshal(out, &r), string(out))
	// However it was built, no goroutine is mistaken for another.
	require.Zero(t, r.Wrong)
	require.Zero(t, r.Left)
	require.Equal(t, 1, r.AtStart, "init leaves goroutines:\n%s", r.Listing)
	require.Equal(t, 1, strings.Count("\n"+r.Listing, "\ngoroutine "), r.Listing)
	return r
}

func TestProgram(t *testing.T) {
	r := runProgram(t, nil)
	require.Equal(t, readsG, r.FastID)
	require.Equal(t, readsG, r.FastLiveness)
	require.Equal(t, r.Slow, r.Fast)
}

// TestInitLeavesNoGoroutine checks this under extreme settings of the
// scheduler.
func TestInitLeavesNoGoroutine(t *testing.T) {
	list := []string{"1", "2", "16"}
	if target.OneThread() {
		list = list[:1]
	}
	for _, procs := range list {
		r := runProgram(t, []string{"GOMAXPROCS=" + procs})
		require.Equal(t, readsG, r.FastLiveness, procs)
	}
}

// TestSafe chooses the slow path, by the environment and by the build tag.
func TestSafe(t *testing.T) {
	for name, r := range map[string]report{
		"GLS_SAFE=1": runProgram(t, []string{"GLS_SAFE=1"}),
		"gls_safe":   runProgram(t, nil, "-tags=gls_safe"),
		"both":       runProgram(t, []string{"GLS_SAFE=1"}, "-tags=gls_safe"),
	} {
		require.False(t, r.FastID, name)
		require.False(t, r.FastLiveness, name)
		require.Equal(t, r.Slow, r.Fast, name)
	}
	require.Equal(t, readsG, runProgram(t, []string{"GLS_SAFE=0"}).FastID)
}

// TestChangedLayout builds goid with a g that differs from the runtime's, so
// that the ID is not where goid reads it, as in a release that moves it.
func TestChangedLayout(t *testing.T) {
	file := layoutOfGoid(t)
	source, err := os.ReadFile(file)
	require.NoError(t, err)
	for name, edit := range map[string][2]string{
		"a word later":   {"type g struct {", "type g struct {\n\tmoved uintptr"},
		"a word earlier": {"stackguard0 uintptr", ""},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(string(source), edit[0], edit[1], 1)
			require.NotEqual(t, string(source), changed)
			r := runProgram(t, nil, "-modfile="+replaceGoid(t, file, changed))
			require.False(t, r.FastID)
			require.False(t, r.FastLiveness)
			if readsG {
				require.NotEqual(t, r.Slow, r.Fast, "the change has no effect")
			}
		})
	}
}

// layoutOfGoid returns the file of goid with the layout of g for the Go release
// that runs the test.
func layoutOfGoid(t *testing.T) string {
	t.Helper()
	cmd := exec.Command("go", "list", "-f", `{{.Dir}}{{range .GoFiles}} {{.}}{{end}}`, "github.com/petermattis/goid")
	cmd.Env = target.Env()
	out, err := cmd.Output()
	require.NoError(t, err)
	fields := strings.Fields(string(out))
	for _, name := range fields[1:] {
		if strings.HasPrefix(name, "runtime_go1.") {
			return filepath.Join(fields[0], name)
		}
	}
	require.Fail(t, "goid has no layout of g for this release", strings.Join(fields, " "))
	return ""
}

// replaceGoid returns a go.mod that is like this module's except for a goid
// whose given file has other contents. A build overlay cannot replace what is
// in the module cache.
func replaceGoid(t *testing.T, file, contents string) (modfile string) {
	t.Helper()
	dir, goid := t.TempDir(), t.TempDir()
	files, err := filepath.Glob(filepath.Join(filepath.Dir(file), "[a-z]*"))
	require.NoError(t, err)
	for _, f := range files {
		data, err := os.ReadFile(f)
		require.NoError(t, err)
		if f == file {
			data = []byte(contents)
		}
		require.NoError(t, os.WriteFile(filepath.Join(goid, filepath.Base(f)), data, 0o600))
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		data, err := os.ReadFile(filepath.Join("..", "..", name))
		require.NoError(t, err)
		if name == "go.mod" {
			data = append(data, "\nreplace github.com/petermattis/goid => "+goid+"\n"...)
		}
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
	}
	return filepath.Join(dir, "go.mod")
}
