package rewrite

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"sort"
	"strings"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
)

// A Unit is one type-checked package, which must have no type errors.
type Unit struct {
	Fset  *token.FileSet
	Pkg   *types.Package
	Info  *types.Info // Types, Defs, Uses, Selections, Scopes, Instances and FileVersions
	Files []*ast.File

	// Version is the language version of files that do not set their own, such
	// as "go1.21".
	Version string
	// Reserved are names that other files of the package declare: tests, and
	// files for other build configurations. An import must not use them.
	Reserved map[string]bool

	reassigned map[*types.Var]bool // variables that may change after their declaration; see reassignedVars
	blocksOf   map[*ast.File]map[*ast.GoStmt]block
	claims     map[claim]*ast.GoStmt
}

// A Layout says how the new text is broken into lines.
type Layout int

const (
	// Pretty is for source files, which are formatted with gofmt.
	Pretty Layout = iota
	// SameLines keeps every token on its line, for stack traces.
	SameLines
)

// An Edit replaces the text from Pos to End.
type Edit struct {
	Pos, End token.Pos
	New      string
}

// A File collects the edits of one file. It is not safe for concurrent use.
type File struct {
	unit   *Unit
	ast    *ast.File
	tok    *token.File
	src    []byte
	layout Layout
	crlf   bool // lines end in CR LF
	edits  []Edit
	added  []addedImport
	// released are uses of imports that the edits take away.
	released []*types.PkgName
}

// File returns the editor of f, whose text is src.
func (u *Unit) File(f *ast.File, src []byte, layout Layout) *File {
	return &File{unit: u, ast: f, tok: u.Fset.File(f.FileStart), src: src, layout: layout, crlf: endsInCRLF(src)}
}

// endsInCRLF reports whether most lines of src end in CR LF.
func endsInCRLF(src []byte) bool {
	return 2*bytes.Count(src, []byte("\r\n")) > bytes.Count(src, []byte("\n"))
}

// Syntax returns the tree of the file.
func (f *File) Syntax() *ast.File { return f.ast }

// Position returns where p is in the file itself, whatever //line comments say.
func (f *File) Position(p token.Pos) token.Position { return f.tok.PositionFor(p, false) }

// Language returns the language version of the file, such as "go1.21".
func (f *File) Language() string { return f.unit.languageOf(f.ast) }

// Changed reports whether there are edits.
func (f *File) Changed() bool { return len(f.edits) > 0 }

// Imports returns the paths of the packages of this library that the edits
// import.
func (f *File) Imports() (paths []string) {
	if f.Changed() {
		for _, imp := range f.added {
			if strings.HasPrefix(imp.path, glsapi.Module+"/") {
				paths = append(paths, imp.path)
			}
		}
	}
	return paths
}

// Edits returns the edits in the order of the text, including the imports that
// they need.
func (f *File) Edits() []Edit {
	edits := append(f.importEdits(), f.unusedImports()...)
	edits = append(edits, f.edits...)
	sort.SliceStable(edits, func(i, j int) bool {
		a, b := edits[i], edits[j]
		if a.Pos != b.Pos {
			return a.Pos < b.Pos
		}
		return a.End < b.End
	})
	if f.crlf {
		for i := range edits {
			lf := strings.ReplaceAll(edits[i].New, "\r\n", "\n")
			edits[i].New = strings.ReplaceAll(lf, "\n", "\r\n")
		}
	}
	return edits
}

// Bytes returns the edited text, formatted if the layout is Pretty and the text
// was formatted before.
func (f *File) Bytes() ([]byte, error) {
	var (
		out  []byte
		last int
	)
	for _, e := range f.Edits() {
		from, to := f.offset(e.Pos), f.offset(e.End)
		if from < last || to > len(f.src) {
			return nil, fmt.Errorf("%s: edits overlap", f.unit.Fset.Position(e.Pos))
		}
		out = append(out, f.src[last:from]...)
		out = append(out, e.New...)
		last = to
	}
	out = append(out, f.src[last:]...)
	if f.layout == SameLines {
		return out, nil
	}
	return reformat(f.src, out)
}

func (f *File) offset(p token.Pos) int { return f.tok.Offset(p) }

// text returns the source between two positions.
func (f *File) text(from, to token.Pos) string {
	return string(f.src[f.offset(from):f.offset(to)])
}

// mark returns how much was edited so far, for undo.
func (f *File) mark() (edits, imports int) { return len(f.edits), len(f.added) }

// undo drops what was edited since mark.
func (f *File) undo(edits, imports int) {
	f.edits, f.added = f.edits[:edits], f.added[:imports]
}

func (f *File) replace(from, to token.Pos, s string) {
	f.edits = append(f.edits, Edit{from, to, s})
}
