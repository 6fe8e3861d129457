package policy_test

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/seed18162548/contextvars/cmd/gls/internal/policy"
	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
)

// sources type-checks the packages of an archive, by import path; those of the
// standard library come from the go command.
type sources struct {
	fset  *token.FileSet
	std   types.Importer
	text  map[string][]byte
	units map[string]*rewrite.Unit
}

func newSources(t *testing.T, name string) *sources {
	t.Helper()
	ar, err := txtar.ParseFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	s := &sources{fset: token.NewFileSet(), std: importer.Default(), text: map[string][]byte{}, units: map[string]*rewrite.Unit{}}
	for _, f := range ar.Files {
		s.text[f.Name] = f.Data
	}
	return s
}

// Import implements [types.Importer].
func (s *sources) Import(path string) (*types.Package, error) {
	if s.text[path] == nil {
		return s.std.Import(path)
	}
	u, err := s.unit(path)
	if err != nil {
		return nil, err
	}
	return u.Pkg, nil
}

func (s *sources) unit(path string) (*rewrite.Unit, error) {
	if u := s.units[path]; u != nil {
		return u, nil
	}
	f, err := parser.ParseFile(s.fset, path+".go", s.text[path], parser.ParseComments)
	if err != nil {
		return nil, err
	}
	info := &types.Info{
		Types: map[ast.Expr]types.TypeAndValue{}, Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{},
		Selections: map[*ast.SelectorExpr]*types.Selection{}, Scopes: map[ast.Node]*types.Scope{},
		Instances: map[*ast.Ident]types.Instance{}, FileVersions: map[*ast.File]string{},
	}
	pkg, err := (&types.Config{Importer: s, GoVersion: "go1.25"}).Check(path, s.fset, []*ast.File{f}, info)
	if err != nil {
		return nil, err
	}
	u := &rewrite.Unit{Fset: s.fset, Pkg: pkg, Info: info, Files: []*ast.File{f}, Version: "go1.25"}
	s.units[path] = u
	return u, nil
}

// Handlers of each framework are known by their types, or by what they are
// registered with, and their contexts by how long they last. The program has
// the frameworks as it has modules of the module cache: not their source.
func TestFrameworks(t *testing.T) {
	s := newSources(t, "frameworks.txtar")
	u, err := s.unit("example.com/app")
	if err != nil {
		t.Fatal(err)
	}
	f := u.Files[0]
	want := map[int]string{}
	for _, g := range f.Comments {
		for _, c := range g.List {
			if text := strings.TrimPrefix(c.Text, "// "); text == "inherits" || text == "stays" {
				want[s.fset.Position(c.Pos()).Line] = text
			}
		}
	}
	judge := policy.NewProgram([]*rewrite.Unit{u}, policy.Options{Policy: policy.Safe}).Judge(u)
	counts := map[string]int{}
	ast.PreorderStack(f, nil, func(n ast.Node, stack []ast.Node) bool {
		stmt, ok := n.(*ast.GoStmt)
		if !ok {
			return true
		}
		v := judge.Go(stmt, stack)
		got, line := "stays", s.fset.Position(n.Pos()).Line
		if v.Class == policy.Inherit {
			got = "inherits"
		}
		counts[got]++
		if got != want[line] {
			t.Errorf("line %d, in %s: it %s, not %q: %s", line, enclosing(stack), got, want[line], v.Reason)
		}
		return true
	})
	if counts["inherits"] < 25 || counts["stays"] < 18 {
		t.Errorf("too few statements: %v", counts)
	}
}

func enclosing(path []ast.Node) string {
	for _, n := range path {
		if d, ok := n.(*ast.FuncDecl); ok {
			return d.Name.Name
		}
	}
	return "no function"
}
