package lifetime

import (
	_ "embed"
	"go/ast"

	"golang.org/x/tools/go/analysis"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
	"github.com/seed18162548/contextvars/cmd/gls/internal/handoff"
	"github.com/seed18162548/contextvars/cmd/gls/internal/passes"
	"github.com/seed18162548/contextvars/cmd/gls/internal/policy"
	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
	"github.com/seed18162548/contextvars/cmd/gls/internal/verdict"
)

//go:embed doc.go
var doc string

// Analyzer is the analyzer. Its flags are -handlers and -tests.
var Analyzer = &analysis.Analyzer{
	Name: "lifetime",
	Doc:  passes.Doc(doc, "lifetime"),
	URL:  passes.URL("lifetime"),
	Run:  run,
}

var (
	handlers string
	verdicts string
	tests    bool
)

func init() {
	Analyzer.Flags.StringVar(&handlers, "handlers", "", "further types of parameters that mark handlers, as example.com/web.Context,…")
	Analyzer.Flags.StringVar(&verdicts, "verdicts", "", "file with what gls says of the whole program")
	Analyzer.Flags.BoolVar(&tests, "tests", false, "look at test files too")
}

func run(pass *analysis.Pass) (any, error) {
	types, err := policy.ParseHandlers(handlers)
	if err != nil {
		return nil, err
	}
	u := passes.Unit(pass)
	judge, err := verdict.For(pass, u, policy.Options{Policy: policy.Safe, Handlers: types}, verdicts)
	if err != nil {
		return nil, err
	}
	for _, f := range pass.Files {
		if passes.Skip(pass, f) || passes.IsTest(pass, f) && !tests {
			continue
		}
		src, err := passes.Source(pass, f)
		if err != nil {
			return nil, err
		}
		passes.Walk(f, func(n ast.Node, path []ast.Node) {
			if h, ok := handoff.Spawned(pass.TypesInfo, n); ok {
				report(pass, h, judge.Callback(h, path), u.File(f, src, rewrite.Pretty))
			}
		})
	}
	return nil, nil
}

// report reports a call that a request can make and whose goroutine may live
// long.
func report(pass *analysis.Pass, h handoff.Handoff, v policy.Verdict, edit *rewrite.File) {
	call := h.Node.(*ast.CallExpr)
	if v.Class != policy.Lifetime || v.AtStart {
		return
	}
	name, _ := glsapi.Func(pass.TypesInfo, call)
	d := analysis.Diagnostic{
		Pos: call.Pos(), End: call.End(),
		Message: name + " hands the caller's bindings to what may live as long as the process: " + v.Reason,
	}
	if name == "spawn.Go" && edit.Call(call, glsapi.Spawn, "Detached") {
		d.SuggestedFixes = passes.Fix(pass, "Start it with spawn.Detached", edit)
	}
	pass.Report(d)
}
