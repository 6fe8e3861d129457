package callback

import (
	_ "embed"
	"go/ast"

	"golang.org/x/tools/go/analysis"

	"github.com/seed18162548/contextvars/cmd/gls/internal/handoff"
	"github.com/seed18162548/contextvars/cmd/gls/internal/passes"
	"github.com/seed18162548/contextvars/cmd/gls/internal/policy"
	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
	"github.com/seed18162548/contextvars/cmd/gls/internal/verdict"
)

//go:embed doc.go
var doc string

// Analyzer is the analyzer. Its flags are -policy, -takers, -handlers and
// -tests.
var Analyzer = &analysis.Analyzer{
	Name: "callback",
	Doc:  passes.Doc(doc, "callback"),
	URL:  passes.URL("callback"),
	Run:  run,
}

var (
	policyFlag = string(policy.Safe)
	takers     string
	handlers   string
	verdicts   string
	tests      bool
)

func init() {
	Analyzer.Flags.StringVar(&policyFlag, "policy", policyFlag, "which calls get a fix: safe, all or none")
	Analyzer.Flags.StringVar(&takers, "takers", "", "further functions, as example.com/pool.Submit:0,(*example.com/pool.Pool).Do:1")
	Analyzer.Flags.StringVar(&handlers, "handlers", "", "further types of parameters that mark handlers, as example.com/web.Context,…")
	Analyzer.Flags.StringVar(&verdicts, "verdicts", "", "file with what gls says of the whole program")
	Analyzer.Flags.BoolVar(&tests, "tests", false, "look at test files too")
}

func run(pass *analysis.Pass) (any, error) {
	p, err := policy.Parse(policyFlag)
	if err != nil {
		return nil, err
	}
	more, err := handoff.Parse(takers)
	if err != nil {
		return nil, err
	}
	index := handoff.Index(handoff.Known, more)
	u := passes.Unit(pass)
	types, err := policy.ParseHandlers(handlers)
	if err != nil {
		return nil, err
	}
	judge, err := verdict.For(pass, u, policy.Options{Policy: p, Handlers: types}, verdicts)
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
			for _, h := range handoff.Find(pass.TypesInfo, index, n) {
				report(pass, p, h, judge.Callback(h, path), u.File(f, src, rewrite.Pretty), path)
			}
		})
	}
	return nil, nil
}

// report reports a handoff unless a comment decides about it or it may live
// long.
func report(pass *analysis.Pass, p policy.Policy, h handoff.Handoff, v policy.Verdict, edit *rewrite.File, path []ast.Node) {
	d := analysis.Diagnostic{Pos: h.Fn.Pos(), End: h.Fn.End()}
	switch {
	case v.Invalid != "":
		d.Message = v.Invalid
		pass.Report(d)
		return
	case v.Class == policy.Ignore, v.Class == policy.Detach, v.Class == policy.Lifetime:
		return
	}
	d.Message = "function handed to " + h.What() + " runs without the caller's bindings: " + v.Reason
	if h.By.Replacement != "" {
		d.Message += "; " + h.Fix(pass.TypesInfo) + " calls it with them"
	}
	_, isGo := path[len(path)-1].(*ast.GoStmt)
	if p != policy.None && v.Class == policy.Inherit && !isGo {
		if reason := h.Apply(pass.TypesInfo, edit); reason != "" {
			d.Message += "; " + reason
		} else {
			d.SuggestedFixes = passes.Fix(pass, "Use "+h.Fix(pass.TypesInfo), edit)
		}
	}
	pass.Report(d)
}
