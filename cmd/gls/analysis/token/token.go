package token

import (
	_ "embed"
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/passes/ctrlflow"
	"golang.org/x/tools/go/cfg"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
	"github.com/seed18162548/contextvars/cmd/gls/internal/passes"
)

//go:embed doc.go
var doc string

// Analyzer is the analyzer.
var Analyzer = &analysis.Analyzer{
	Name:     "token",
	Doc:      passes.Doc(doc, "token"),
	URL:      passes.URL("token"),
	Requires: []*analysis.Analyzer{ctrlflow.Analyzer},
	Run:      run,
}

func run(pass *analysis.Pass) (any, error) {
	flows := pass.ResultOf[ctrlflow.Analyzer].(*ctrlflow.CFGs)
	for _, f := range pass.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				if n.Body != nil && !forProcess(pass, n) {
					check(pass, flows.FuncDecl(n), n.Body)
				}
			case *ast.FuncLit:
				check(pass, flows.FuncLit(n), n.Body)
			}
			return true
		})
	}
	return nil, nil
}

// forProcess reports whether what d sets is meant to last as long as the
// process.
func forProcess(pass *analysis.Pass, d *ast.FuncDecl) bool {
	if d.Recv != nil {
		return false
	}
	switch d.Name.Name {
	case "init", "TestMain":
		return true
	case "main":
		return pass.Pkg.Name() == "main"
	}
	return false
}

// A checker checks one function: a declaration or a literal.
type checker struct {
	pass  *analysis.Pass
	graph *cfg.CFG
}

func check(pass *analysis.Pass, graph *cfg.CFG, body *ast.BlockStmt) {
	c := checker{pass, graph}
	c.statements(body.List)
	c.paths(body)
}

// isSet reports whether e is a call of Var.Set.
func (c *checker) isSet(e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	name, _ := glsapi.Func(c.pass.TypesInfo, call)
	return name == "gls.Var.Set"
}

// statements reports dropped tokens in the statements of a function's body,
// including nested statements.
func (c *checker) statements(list []ast.Stmt) {
	for _, s := range list {
		ast.Inspect(s, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit:
				return false
			case *ast.ExprStmt:
				if c.isSet(n.X) {
					c.dropped(n, n.X, n == s)
				}
			case *ast.AssignStmt:
				if len(n.Lhs) == 1 && len(n.Rhs) == 1 && isBlank(n.Lhs[0]) && c.isSet(n.Rhs[0]) {
					c.dropped(n, n.Rhs[0], n == s)
				}
			case *ast.DeferStmt:
				if c.isSet(n.Call) {
					d := analysis.Diagnostic{Pos: n.Pos(), End: n.End(),
						Message: "defer sets the variable when the function ends, and nothing resets it: defer its Reset"}
					d.SuggestedFixes = passes.Edits(c.pass, n.Pos(), "Reset it",
						analysis.TextEdit{Pos: n.End(), End: n.End(), NewText: []byte(".Reset()")})
					c.pass.Report(d)
				}
			}
			return true
		})
	}
}

func isBlank(e ast.Expr) bool {
	id, ok := e.(*ast.Ident)
	return ok && id.Name == "_"
}

// dropped reports a statement that drops the token of set.
func (c *checker) dropped(s ast.Stmt, set ast.Expr, top bool) {
	d := analysis.Diagnostic{Pos: s.Pos(), End: s.End(), Message: "the token of Set is dropped, so the binding stays for as long as the goroutine lives"}
	if top {
		d.SuggestedFixes = passes.Edits(c.pass, s.Pos(), "Reset it when the function ends",
			analysis.TextEdit{Pos: s.Pos(), End: set.Pos(), NewText: []byte("defer ")},
			analysis.TextEdit{Pos: set.End(), End: set.End(), NewText: []byte(".Reset()")})
	}
	c.pass.Report(d)
}

// paths reports variables that hold a token that is not used on some path.
func (c *checker) paths(body *ast.BlockStmt) {
	held := map[*types.Var]*ast.AssignStmt{}
	inspectOwn(body, func(n ast.Node) {
		a, ok := n.(*ast.AssignStmt)
		if !ok || a.Tok != token.DEFINE || len(a.Lhs) != 1 || len(a.Rhs) != 1 || !c.isSet(a.Rhs[0]) {
			return
		}
		if id, ok := a.Lhs[0].(*ast.Ident); ok {
			if v, ok := c.pass.TypesInfo.Defs[id].(*types.Var); ok {
				held[v] = a
			}
		}
	})
	for v, def := range held {
		if ret := c.unused(v, def); ret != nil {
			c.pass.Report(analysis.Diagnostic{Pos: def.Pos(), End: def.End(),
				Message: "token " + v.Name() + " is not reset on every path",
				Related: []analysis.RelatedInformation{{Pos: ret.Pos(), Message: "this return may be reached without a Reset"}}})
		}
	}
}

func inspectOwn(body *ast.BlockStmt, f func(ast.Node)) {
	ast.Inspect(body, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		if n != nil {
			f(n)
		}
		return true
	})
}
