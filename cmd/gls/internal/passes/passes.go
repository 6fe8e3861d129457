// Package passes adapts the rewriting engine to analysis passes.
package passes

import (
	"go/ast"
	"go/token"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/tools/go/analysis"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
)

// URL is where the documentation of an analyzer is.
func URL(name string) string {
	return "https://pkg.go.dev/" + glsapi.Module + "/cmd/gls/analysis/" + name
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

// Skip reports whether f is generated and should not be edited. A file that cgo
// made from one that a person wrote does not count.
func Skip(pass *analysis.Pass, f *ast.File) bool {
	if isCgo(pass, f) {
		return isGenerated(pass, f)
	}
	name := pass.Fset.File(f.FileStart).Name()
	return ast.IsGenerated(f) || filepath.Ext(name) != ".go"
}

// isCgo reports whether cgo made f from a file that imports "C". Its line
// comments, and thus the positions of diagnostics, refer to that file; the
// positions of edits would not.
func isCgo(pass *analysis.Pass, f *ast.File) bool {
	made := pass.Fset.PositionFor(f.Package, false).Filename
	from := pass.Fset.PositionFor(f.Package, true).Filename
	return strings.HasSuffix(made, ".cgo1.go") && from != made
}

// generated matches the line that marks a file as generated.
var generated = regexp.MustCompile(`^// Code generated .* DO NOT EDIT\.$`)

// isGenerated reports whether the file that cgo made f from is generated. The
// mark of cgo itself is before the first line comment.
func isGenerated(pass *analysis.Pass, f *ast.File) bool {
	for _, group := range f.Comments {
		for _, c := range group.List {
			if c.Pos() > f.Package {
				return false
			}
			own := pass.Fset.PositionFor(c.Pos(), true).Filename == pass.Fset.PositionFor(c.Pos(), false).Filename
			if !own && generated.MatchString(c.Text) {
				return true
			}
		}
	}
	return false
}

// Fix returns the edits of a file as a suggested fix. It returns none for a
// file that cgo made; gls fix, which reads the sources, can rewrite those.
func Fix(pass *analysis.Pass, message string, f *rewrite.File) []analysis.SuggestedFix {
	if !f.Changed() {
		return nil
	}
	var edits []analysis.TextEdit
	for _, e := range f.Edits() {
		edits = append(edits, analysis.TextEdit{Pos: e.Pos, End: e.End, NewText: []byte(e.New)})
	}
	return Edits(pass, f.Syntax().Package, message, edits...)
}

// Edits returns edits of the file of pos as a suggested fix. It returns none
// for a file that cgo made.
func Edits(pass *analysis.Pass, pos token.Pos, message string, edits ...analysis.TextEdit) []analysis.SuggestedFix {
	for _, f := range pass.Files {
		if f.FileStart <= pos && pos <= f.FileEnd && isCgo(pass, f) {
			return nil
		}
	}
	return []analysis.SuggestedFix{{Message: message, TextEdits: edits}}
}

// Walk calls f for every node of a file, with the path that leads to it.
func Walk(file *ast.File, f func(n ast.Node, path []ast.Node)) {
	ast.PreorderStack(file, nil, func(n ast.Node, path []ast.Node) bool {
		f(n, path)
		return true
	})
}
