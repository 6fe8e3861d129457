// Package lifetime has the analyzer that finds goroutines of the process's
// lifetime that inherit a request's bindings.
package lifetime

import (
	"go/ast"

	"golang.org/x/tools/go/analysis"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
	"github.com/seed18162548/contextvars/cmd/gls/internal/handoff"
	"github.com/seed18162548/contextvars/cmd/gls/internal/passes"
	"github.com/seed18162548/contextvars/cmd/gls/internal/policy"
	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
	"github.com/seed18162548/contextvars/cmd/gls/internal/verdict"
)

const doc = `find long-lived goroutines that inherit a request's bindings

spawn.Go hands a copy of the caller's bindings on. A goroutine that serves
everyone, a worker of a pool, a flusher that sync.Once starts, keeps the identity
of the request that happened to start it, and does the work of others under it.
The analyzer reports the calls of spawn.Go, Start, AfterFunc, ContextAfterFunc,
Group.Go and WaitGroup.Go whose function may live as long as the process, by the
rules of analyzer rawgo, and proposes spawn.Detached in place of spawn.Go. The
comments //gls:inherit REASON and //gls:ignore REASON settle a line.`

// Analyzer is the analyzer. Its flags are -handlers and -tests.
var Analyzer = &analysis.Analyzer{
	Name: "lifetime",
	Doc:  doc,
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

// report reports a call that a request can make, and whose goroutine may live
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
	if name == "spawn.Go" && edit.Call(call, rewrite.Spawn, "Detached") {
		d.SuggestedFixes = passes.Fix(pass, "Start it with spawn.Detached", edit)
	}
	pass.Report(d)
}
