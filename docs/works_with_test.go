package docs_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

var (
	// tableRow matches a row of a table in works-with.md, but no heading.
	tableRow = regexp.MustCompile(`(?m)^\| (.+) \|$`)
	// namedTest matches a test that a row names, and its file.
	namedTest = regexp.MustCompile(`\[((?:Test|Example)\w*)\]\(([^)]+_test\.go)\)`)
)

// Every row of works-with.md names tests, and those exist. The tests themselves
// are in the modules that have what they need.
func TestWorksWith(t *testing.T) {
	text, err := os.ReadFile("works-with.md")
	require.NoError(t, err)
	rows, seen := 0, make(map[string]bool)
	for _, m := range tableRow.FindAllStringSubmatch(string(text), -1) {
		cells := strings.Split(m[1], " | ")
		if cells[0] == "With" {
			continue
		}
		rows++
		name := cells[0]
		require.Len(t, cells, 5, "%s: a row has five cells", name)
		require.False(t, seen[name], "%s: twice in the document", name)
		seen[name] = true
		tests := namedTest.FindAllStringSubmatch(cells[4], -1)
		require.NotEmpty(t, tests, "%s: no test shows this row; write one", name)
		for _, test := range tests {
			source, err := os.ReadFile(filepath.FromSlash(test[2]))
			require.NoError(t, err, "%s: move the row along with its test", name)
			declared := strings.Contains(string(source), "\nfunc "+test[1]+"(")
			require.True(t, declared, "%s: %s has no %s", name, test[2], test[1])
		}
	}
	require.Greater(t, rows, 40, "the rows were not found")
}
