package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/stretchr/testify/require"
)

// Each row of the table in loggers.md says what the module of the adapter says.
func TestLoggersTable(t *testing.T) {
	page, err := os.ReadFile("loggers.md")
	require.NoError(t, err)
	row := regexp.MustCompile("(?m)^\\| `(contrib/[a-z]+)` \\| `([^`]+)` \\| ([0-9.]+) \\| (v[0-9.]+) \\| .*\\|$")
	rows := row.FindAllSubmatch(page, -1)
	require.Len(t, rows, 3)
	for _, r := range rows {
		module, logger, goLine, oldest := string(r[1]), string(r[2]), string(r[3]), string(r[4])
		content, err := os.ReadFile(filepath.Join("..", module, "go.mod"))
		require.NoError(t, err)
		require.Regexp(t, `(?m)^go `+regexp.QuoteMeta(goLine)+`$`, string(content), module)
		require.Regexp(t, `(?m)^\t`+regexp.QuoteMeta(logger+" "+oldest)+`$`, string(content), module)
	}
}
