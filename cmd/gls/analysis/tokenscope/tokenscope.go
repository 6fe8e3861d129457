package tokenscope

import (
	_ "embed"
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/analysis"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
	"github.com/seed18162548/contextvars/cmd/gls/internal/handoff"
	"github.com/seed18162548/contextvars/cmd/gls/internal/passes"
)

//go:embed doc.go
var doc string

// Analyzer is the analyzer.
var Analyzer = &analysis.Analyzer{
	Name: "tokenscope",
	Doc:  passes.Doc(doc, "tokenscope"),
	URL:  passes.URL("tokenscope"),
	Run:  run,
}

var known = handoff.Index(handoff.Known)

// starters are the functions of package spawn that call their argument on
// another goroutine in a copy of the caller's Context, or in an empty one.
var starters = map[string]bool{
	"spawn.Go": true, "spawn.Detached": true, "spawn.Start": true, "spawn.Gather": true,
	"spawn.Group.Go": true, "spawn.Group.TryGo": true, "spawn.WaitGroup.Go": true,
	"spawn.AfterFunc": true, "spawn.ContextAfterFunc": true, "glstest.Run": true,
}

func run(pass *analysis.Pass) (any, error) {
	c := carriers{pass, map[ast.Node]bool{}}
	for _, f := range pass.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.GoStmt:
				c.carried("a go statement", append([]ast.Expr{n.Call.Fun}, n.Call.Args...)...)
			case *ast.SendStmt:
				c.carried("a channel", n.Value)
			case *ast.CallExpr:
				if name, _ := glsapi.Func(pass.TypesInfo, n); starters[name] {
					c.carried(name, n.Args...)
				}
				for _, h := range handoff.Find(pass.TypesInfo, known, n) {
					c.carried(h.What(), h.Fn)
				}
			}
			return true
		})
	}
	return nil, nil
}

type carriers struct {
	pass     *analysis.Pass
	reported map[ast.Node]bool
}

// carried reports the tokens that exprs carry to another goroutine: values,
// receivers of method values, and variables that function literals capture.
// Calls that the caller evaluates, such as t.Var(), do not count.
func (c *carriers) carried(by string, exprs ...ast.Expr) {
	for _, e := range exprs {
		e = ast.Unparen(e)
		switch x := e.(type) {
		case *ast.FuncLit:
			c.captured(by, x)
		case *ast.SelectorExpr:
			if glsapi.IsToken(c.pass.TypesInfo.TypeOf(x.X)) {
				c.report(by, x.X)
			}
		case *ast.CallExpr:
			c.carried(by, x.Args...)
		}
		if glsapi.IsToken(c.pass.TypesInfo.TypeOf(e)) {
			c.report(by, e)
		}
	}
}

// captured reports the tokens that lit captures.
func (c *carriers) captured(by string, lit *ast.FuncLit) {
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			v, ok := c.pass.TypesInfo.Uses[id].(*types.Var)
			if ok && glsapi.IsToken(v.Type()) && !v.IsField() && (v.Pos() < lit.Pos() || lit.End() <= v.Pos()) {
				c.report(by, id)
			}
		}
		return true
	})
}

func (c *carriers) report(by string, e ast.Expr) {
	if c.reported[e] {
		return
	}
	c.reported[e] = true
	c.pass.Reportf(e.Pos(), "token %s reaches another goroutine through %s, where Reset panics: it belongs to the Context of its Set", types.ExprString(e), by)
}
