package bench

import (
	"errors"
	"io/fs"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestReadmeShowsTheResults: the table between the README's markers is the one
// that was made from the committed results; a README without one means that
// there are no results.
func TestReadmeShowsTheResults(t *testing.T) {
	const (
		begin = "<!-- bench:begin -->\n"
		end   = "<!-- bench:end -->"
		remit = "run: go -C bench/peers run . -render -readme ../../README.md"
	)
	results := read(t, "results/readme.md")
	_, rest, _ := strings.Cut(read(t, "../README.md"), begin)
	table, _, ended := strings.Cut(rest, end)
	require.Equal(t, rest != "", ended, "README.md has one of the markers only")
	require.Equal(t, results, table, remit)
}

// read returns what is in file, "" if there is no such file.
func read(t *testing.T, file string) string {
	t.Helper()
	content, err := os.ReadFile(file)
	if !errors.Is(err, fs.ErrNotExist) {
		require.NoError(t, err)
	}
	return string(content)
}
