package rawgo

import (
	_ "embed"
	"go/ast"

	"golang.org/x/tools/go/analysis"

	"github.com/seed18162548/contextvars/cmd/gls/internal/passes"
	"github.com/seed18162548/contextvars/cmd/gls/internal/policy"
	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
	"github.com/seed18162548/contextvars/cmd/gls/internal/verdict"
)

//go:embed doc.go
var doc string

// Analyzer is the analyzer. Its flags are -policy, -detach, -handlers and
// -tests.
var Analyzer = &analysis.Analyzer{
	Name: "rawgo",
	Doc:  passes.Doc(doc, "rawgo"),
	URL:  passes.URL("rawgo"),
	Run:  run,
}

var (
	policyFlag = string(policy.Safe)
	handlers   string
	verdicts   string
	detach     bool
	tests      bool
)

func init() {
	Analyzer.Flags.StringVar(&policyFlag, "policy", policyFlag, "which statements get a fix: safe, all or none")
	Analyzer.Flags.StringVar(&handlers, "handlers", "", "further types of parameters that mark handlers, as example.com/web.Context,…")
	Analyzer.Flags.StringVar(&verdicts, "verdicts", "", "file with what gls says of the whole program")
	Analyzer.Flags.BoolVar(&detach, "detach", false, "propose spawn.Detached for what may live as long as the process")
	Analyzer.Flags.BoolVar(&tests, "tests", false, "look at test files too")
}

func run(pass *analysis.Pass) (any, error) {
	p, err := policy.Parse(policyFlag)
	if err != nil {
		return nil, err
	}
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
			if stmt, ok := n.(*ast.GoStmt); ok {
				report(pass, p, stmt, judge.Go(stmt, path), u.File(f, src, rewrite.Pretty))
			}
		})
	}
	return nil, nil
}

// report reports stmt unless a comment decides about it. Without -detach, it
// does not report goroutines that are started with the program and may live as
// long.
func report(pass *analysis.Pass, p policy.Policy, stmt *ast.GoStmt, v policy.Verdict, edit *rewrite.File) {
	d := analysis.Diagnostic{Pos: stmt.Pos(), End: stmt.End()}
	by := rewrite.Inherit
	switch {
	case v.Invalid != "":
		d.Message = v.Invalid
		pass.Report(d)
		return
	case v.Class == policy.Ignore, v.Class == policy.Detach:
		return
	case v.Class == policy.Lifetime && !detach:
		if !v.AtStart {
			d.Message = "go statement starts a goroutine that may live as long as the process, and it stays without bindings: " + v.Reason
			pass.Report(d)
		}
		return
	case v.Class == policy.Lifetime:
		by = rewrite.Detached
		d.Message = "go statement starts a goroutine that may live as long as the process: " + v.Reason
	default:
		d.Message = "go statement drops the caller's bindings: " + v.Reason
	}
	name := rewrite.Qualify(by.Path, by.Name)
	if p != policy.None && v.Class != policy.Undecided {
		if reason, ok := edit.Go(stmt, by); ok {
			d.SuggestedFixes = passes.Fix(pass, "Start it with "+name, edit)
		} else {
			d.Message += "; " + name + " cannot be written: " + reason
		}
	}
	pass.Report(d)
}
