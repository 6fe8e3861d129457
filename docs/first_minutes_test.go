//go:build !gls_hosted

package docs_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestFirstFiveMinutes runs first-five-minutes.md in an empty folder, with this
// checkout for the clone: it writes the program, runs the commands, and
// compares what they print, in which "…" is anything.
func TestFirstFiveMinutes(t *testing.T) {
	page, err := os.ReadFile("first-five-minutes.md")
	require.NoError(t, err)
	checkout, err := filepath.Abs("..")
	require.NoError(t, err)
	dir, ran := t.TempDir(), 0
	for _, block := range regexp.MustCompile("(?ms)^```(go|console)\n(.*?)^```$").FindAllStringSubmatch(string(page), -1) {
		if block[1] == "go" {
			name, source, _ := strings.Cut(strings.TrimPrefix(block[2], "// "), "\n")
			require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(source), 0o600))
			continue
		}
		for _, part := range strings.Split("\n"+block[2], "\n$ ")[1:] {
			line, want, _ := strings.Cut(part, "\n")
			cmd := exec.Command("sh", "-c", line)
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "CLONE="+checkout, "GOWORK=off", "GOFLAGS=")
			out, err := cmd.CombinedOutput()
			require.NoError(t, err, "%s\n%s", line, out)
			pattern := strings.ReplaceAll(regexp.QuoteMeta(strings.TrimSpace(want)), "…", "(?s:.*)")
			require.Regexp(t, "^"+pattern+"$", strings.TrimSpace(string(out)), line)
			ran++
		}
	}
	require.Equal(t, 4, ran, "the page has other commands")
}
