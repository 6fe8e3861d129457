package docs_test

import (
	"go/build"
	"os"
	"regexp"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
)

// The table in visibility.md is proven here, row by row. The rows stand in
// the visibility_*_test.go files; those that need a newer release of Go add
// theirs in files that are tagged for it.

// visible is the variable that the rows look for.
var visible = gls.New[string]("visible")

// A visibilityRow proves one row of the document.
type visibilityRow struct {
	where string // the first column
	seen  bool   // the second column
	since string // the third column, "" if the row holds for every release

	// look calls see at the place in question, while visible is bound in
	// the goroutine that called look, and returns after see has returned.
	look func(t *testing.T, see func())
}

var visibilityRows []visibilityRow

// sightings records what see saw. Its methods may be called from any goroutine.
type sightings struct {
	mu          sync.Mutex
	seen, blind int // guarded by mu
}

func (s *sightings) see() {
	x, ok := visible.Lookup()
	s.mu.Lock()
	defer s.mu.Unlock()
	if ok && x == "bound" {
		s.seen++
	} else {
		s.blind++
	}
}

func TestVisibility(t *testing.T) {
	for _, row := range visibilityRows {
		row := row
		t.Run(row.where, func(t *testing.T) {
			defer visible.Set("bound").Reset()
			var s sightings
			row.look(t, s.see)
			s.mu.Lock()
			defer s.mu.Unlock()
			require.NotZero(t, s.seen+s.blind, "nobody looked")
			if row.seen {
				require.Zero(t, s.blind, "the document says that the binding is seen")
			} else {
				require.Zero(t, s.seen, "the document says that the binding is not seen")
			}
		})
	}
}

// documentRow matches a row of the tables: where, seen, since, and a remark.
var documentRow = regexp.MustCompile(`(?m)^\| ([^|]+) \| (yes|no) \| ([^|]*?) ?\| ([^|]+) \|$`)

func TestVisibilityDocumentHasTheSameRows(t *testing.T) {
	text, err := os.ReadFile("visibility.md")
	require.NoError(t, err)
	type claim struct {
		seen  bool
		since string
	}
	documented := make(map[string]claim)
	for _, m := range documentRow.FindAllStringSubmatch(string(text), -1) {
		require.NotContains(t, documented, m[1], "twice in the document")
		documented[m[1]] = claim{m[2] == "yes", m[3]}
	}
	lines := regexp.MustCompile(`(?m)^\|`).FindAllString(string(text), -1)
	headers := regexp.MustCompile(`(?m)^\|---`).FindAllString(string(text), -1)
	require.Equal(t, len(lines)-2*len(headers), len(documented), "a row of the document has another form")

	proven := make(map[string]claim)
	for _, row := range visibilityRows {
		require.NotContains(t, proven, row.where, "twice in the test")
		proven[row.where] = claim{row.seen, row.since}
	}
	for where, c := range documented {
		if c.since != "" && !hasRelease("go"+c.since) {
			delete(documented, where)
		}
	}
	require.Equal(t, documented, proven)
}

// hasRelease reports whether files tagged release are compiled.
func hasRelease(release string) bool {
	for _, tag := range build.Default.ReleaseTags {
		if tag == release {
			return true
		}
	}
	return false
}
