// Package passes adapts the rewriting engine to analysis passes.
package passes

import (
	"go/ast"
	"path/filepath"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
)

// URL is where the documentation of an analyzer is.
func URL(name string) string {
	return "https://pkg.go.dev/" + rewrite.Module + "/cmd/gls/analysis/" + name
}

// Unit returns the package of a pass.
func Unit(pass *analysis.Pass) *rewrite.Unit {
	u := &rewrite.Unit{Fset: pass.Fset, Pkg: pass.Pkg, Info: pass.TypesInfo, Files: pass.Files, Version: pass.Pkg.GoVersion()}
	return u
}

// Source returns the text of a file of a pass.
func Source(pass *analysis.Pass, f *ast.File) ([]byte, error) {
	return pass.ReadFile(pass.Fset.File(f.FileStart).Name())
}

// IsTest reports whether f is a test file.
func IsTest(pass *analysis.Pass, f *ast.File) bool {
	return strings.HasSuffix(pass.Fset.File(f.FileStart).Name(), "_test.go")
}

// Skip reports whether f is generated, by cgo or by a tool, so that nobody would
// edit it.
func Skip(pass *analysis.Pass, f *ast.File) bool {
	name := pass.Fset.File(f.FileStart).Name()
	return ast.IsGenerated(f) || filepath.Ext(name) != ".go"
}

// Fix returns the edits of a file as a suggested fix.
func Fix(message string, f *rewrite.File) []analysis.SuggestedFix {
	if !f.Changed() {
		return nil
	}
	fix := analysis.SuggestedFix{Message: message}
	for _, e := range f.Edits() {
		fix.TextEdits = append(fix.TextEdits, analysis.TextEdit{Pos: e.Pos, End: e.End, NewText: []byte(e.New)})
	}
	return []analysis.SuggestedFix{fix}
}
