package lint

import (
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// SECURITY.md and docs/boundary.md must name a test for each of their promises,
// as `glshttp.TestReverseProxy`, the package and the function, or as
// `TestReverseProxy` if the package is clear.

var shownBy = regexp.MustCompile("`(?:([a-z]\\w*)\\.)?((?:Test|Fuzz|Example)\\w*)`")

// testsByPackage returns the tests of the repository, as package and function.
func testsByPackage(t *testing.T) map[string]bool {
	t.Helper()
	declared := regexp.MustCompile(`(?m)^func ((?:Test|Fuzz|Example)\w*)\(`)
	tests := make(map[string]bool)
	goFiles(t, func(file, content string) {
		if strings.HasSuffix(file, "_test.go") {
			for _, m := range declared.FindAllStringSubmatch(content, -1) {
				tests[path.Base(path.Dir(file))+"."+m[1]] = true
				tests["."+m[1]] = true
			}
		}
	})
	return tests
}

// promises returns the promises of a page: the items of its lists, and the rows
// of its tables, whose last column says what shows them.
func promises(page string) (all []string) {
	lines := strings.Split(page, "\n")
	for i, line := range lines {
		switch {
		case strings.HasPrefix(line, "- "):
			item := line
			for _, more := range lines[i+1:] {
				if !strings.HasPrefix(more, "  ") {
					break
				}
				item += "\n" + more
			}
			all = append(all, item)
		case strings.HasPrefix(line, "|") && i > 1 && !strings.HasPrefix(line, "|---") &&
			strings.HasPrefix(lines[i-1], "|"):
			all = append(all, line)
		}
	}
	return all
}

func TestPromisesNameTheirTests(t *testing.T) {
	tests := testsByPackage(t)
	require.True(t, tests["lint.TestPromisesNameTheirTests"], "the tests were not found")
	seen := 0
	files(t, func(file, content string) {
		if file != "SECURITY.md" && file != "docs/boundary.md" {
			return
		}
		for _, p := range promises(content) {
			seen++
			if !shownBy.MatchString(p) {
				t.Errorf("%s: no test is named for %q; write one, and name it as `package.TestName`", file, p)
			}
		}
		for _, m := range shownBy.FindAllStringSubmatch(content, -1) {
			if !tests[m[1]+"."+m[2]] {
				t.Errorf("%s names %s, which is no test; say what shows the promise now", file, m[0])
			}
		}
	})
	require.Greater(t, seen, 40, "the promises were not found")
}
