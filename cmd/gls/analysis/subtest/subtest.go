package subtest

import (
	_ "embed"
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
	"github.com/seed18162548/contextvars/cmd/gls/internal/passes"
	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
)

//go:embed doc.go
var doc string

// Analyzer is the analyzer.
var Analyzer = &analysis.Analyzer{
	Name: "subtest",
	Doc:  passes.Doc(doc, "subtest"),
	URL:  passes.URL("subtest"),
	Run:  run,
}

const glstest = glsapi.Gls + "/glstest"

// binders and readers are the functions that bind and read their receiver or
// their second argument.
var (
	binders = map[string]bool{"gls.Var.Set": true, "gls.Var.With": true, "gls.Var.Bind": true, "glstest.Set": true}
	readers = map[string]bool{"gls.Var.Get": true, "gls.Var.GetOr": true, "gls.Var.Lookup": true, "gls.Var.MustGet": true}
)

func run(pass *analysis.Pass) (any, error) {
	s := scanner{pass: pass, decls: map[*types.Func]*ast.FuncDecl{}}
	for _, f := range pass.Files {
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok {
				if fn, ok := pass.TypesInfo.Defs[d.Name].(*types.Func); ok {
					s.decls[fn] = d
				}
			}
		}
	}
	u := passes.Unit(pass)
	for _, f := range pass.Files {
		src, err := passes.Source(pass, f)
		if err != nil {
			return nil, err
		}
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok && d.Body != nil {
				s.test(d.Body, func() *rewrite.File { return u.File(f, src, rewrite.Pretty) })
			}
		}
	}
	return nil, nil
}

type scanner struct {
	pass  *analysis.Pass
	decls map[*types.Func]*ast.FuncDecl
}

// test reports the subtests of a function.
func (s *scanner) test(body *ast.BlockStmt, edit func() *rewrite.File) {
	ast.Inspect(body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || !s.isRun(call) {
			return true
		}
		bound := s.bound(body, call)
		if len(bound) == 0 {
			return true
		}
		own := map[types.Object]bool{}
		if lit, ok := ast.Unparen(call.Args[1]).(*ast.FuncLit); ok {
			own = s.bound(lit.Body, nil)
		}
		v := s.reads(call.Args[1], bound, own, map[ast.Node]bool{})
		if v == nil {
			return true
		}
		d := analysis.Diagnostic{Pos: call.Pos(), End: call.End(),
			Message: "subtest reads " + v.Name() + ", which its parent binds, but runs on another goroutine, without bindings"}
		f := edit()
		recv := call.Fun.(*ast.SelectorExpr).X
		f.Function(call, glstest, "Run", recv, false)
		d.SuggestedFixes = passes.Fix(s.pass, "Use glstest.Run", f)
		s.pass.Report(d)
		return true
	})
}

// isRun reports whether call is t.Run of a *testing.T.
func (s *scanner) isRun(call *ast.CallExpr) bool {
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok || len(call.Args) != 2 {
		return false
	}
	fn, ok := s.pass.TypesInfo.Uses[sel.Sel].(*types.Func)
	return ok && fn.FullName() == "(*testing.T).Run"
}

// bound returns the variables that body binds before the node, if that is not
// nil. It includes function literals that are not called on other goroutines.
func (s *scanner) bound(body ast.Node, before *ast.CallExpr) map[types.Object]bool {
	bound := map[types.Object]bool{}
	ast.Inspect(body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		if s.isRun(call) && call != before && (before == nil || before.Pos() < call.Pos() || call.End() <= before.Pos()) {
			return false // another subtest
		}
		if before != nil && call.Pos() >= before.Pos() {
			return false
		}
		name, recv := glsapi.Func(s.pass.TypesInfo, call)
		if binders[name] {
			if recv == nil && len(call.Args) > 1 {
				recv = call.Args[1]
			}
			if obj := glsapi.Object(s.pass.TypesInfo, recv); obj != nil {
				bound[obj] = true
			}
		}
		return true
	})
	return bound
}

// reads returns a variable that is in bound but not in own and that the
// function e, or a function of the package that it calls, reads.
func (s *scanner) reads(e ast.Node, bound, own map[types.Object]bool, seen map[ast.Node]bool) (found types.Object) {
	if seen[e] {
		return nil
	}
	seen[e] = true
	ast.Inspect(e, func(n ast.Node) bool {
		if found != nil {
			return false
		}
		switch n := n.(type) {
		case *ast.CallExpr:
			name, recv := glsapi.Func(s.pass.TypesInfo, n)
			if readers[name] {
				if obj := glsapi.Object(s.pass.TypesInfo, recv); bound[obj] && !own[obj] {
					found = obj
				}
			}
		case *ast.Ident:
			if fn, ok := s.pass.TypesInfo.Uses[n].(*types.Func); ok {
				if d := s.decls[fn.Origin()]; d != nil && d.Body != nil {
					found = s.reads(d.Body, bound, own, seen)
				}
			}
		}
		return found == nil
	})
	return found
}
