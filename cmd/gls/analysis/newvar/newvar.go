package newvar

import (
	_ "embed"
	"go/ast"

	"golang.org/x/tools/go/analysis"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
	"github.com/seed18162548/contextvars/cmd/gls/internal/passes"
)

//go:embed doc.go
var doc string

// Analyzer is the analyzer.
var Analyzer = &analysis.Analyzer{
	Name: "newvar",
	Doc:  passes.Doc(doc, "newvar"),
	URL:  passes.URL("newvar"),
	Run:  run,
}

func run(pass *analysis.Pass) (any, error) {
	for _, f := range pass.Files {
		if passes.IsTest(pass, f) {
			continue
		}
		for _, d := range f.Decls {
			fn, ok := d.(*ast.FuncDecl)
			if !ok || fn.Body == nil {
				continue
			}
			ast.Inspect(fn.Body, func(n ast.Node) bool {
				if call, ok := n.(*ast.CallExpr); ok {
					if name, _ := glsapi.Func(pass.TypesInfo, call); name == "gls.New" {
						pass.Reportf(call.Pos(), "gls.New in %s makes another variable on every call, and none is ever freed: declare it at package level", fn.Name.Name)
					}
				}
				return true
			})
		}
	}
	return nil, nil
}
