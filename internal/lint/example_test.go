package lint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"sort"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// public reports whether programs may import the package in that directory.
func public(dir string) bool {
	return (dir == "gls" || dir == "spawn" || strings.HasPrefix(dir, "gls/") || strings.HasPrefix(dir, "contrib/")) &&
		!strings.Contains(dir, "/internal/") && !strings.Contains(dir, "/bench")
}

// Every package that programs import has an example, which pkg.go.dev shows,
// and a comment whose first sentence says what the package does.
func TestPackagesHaveExamples(t *testing.T) {
	packages, examples := map[string]string{}, map[string]bool{}
	goFiles(t, func(name, content string) {
		dir := path.Dir(name)
		if !public(dir) {
			return
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, content, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		if !strings.HasSuffix(name, "_test.go") {
			packages[dir] += file.Doc.Text()
			return
		}
		for _, d := range file.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && strings.HasPrefix(f.Name.Name, "Example") {
				examples[dir] = true
			}
		}
	})
	require.Greater(t, len(packages), 20, "the packages were not found")
	var dirs []string
	for dir := range packages {
		dirs = append(dirs, dir)
	}
	sort.Strings(dirs)
	for _, dir := range dirs {
		if !examples[dir] {
			t.Errorf("%s has no func Example; write one in example_test.go", dir)
		}
		doc := packages[dir]
		first, _, _ := strings.Cut(doc, "\n\n")
		if words := strings.Fields(first); !strings.HasPrefix(doc, "Package "+path.Base(dir)+" ") || len(words) < 6 {
			t.Errorf("%s: begin the package comment with what it does: Package %s …", dir, path.Base(dir))
		}
		if recipe := strings.HasPrefix(dir, "contrib/recipes/"); !recipe && !strings.Contains(doc, "\n\t") && !exempt[dir] {
			t.Errorf("%s: show the line to copy, indented, in the package comment", dir)
		}
	}
}

// exempt are packages of which no program writes a line.
var exempt = map[string]bool{
	"gls/glsadapter": true, // for authors of adapters: docs/adapters.md has the skeleton
	"gls/glsdoctor":  true, // gls doctor writes the calls
}
