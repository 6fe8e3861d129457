package reused

import (
	_ "embed"

	"golang.org/x/tools/go/analysis"

	"github.com/seed18162548/contextvars/cmd/gls/internal/passes"
	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
)

//go:embed doc.go
var doc string

// Analyzer is the analyzer.
var Analyzer = &analysis.Analyzer{
	Name: "reused",
	Doc:  passes.Doc(doc, "reused"),
	URL:  passes.URL("reused"),
	Run:  run,
}

func run(pass *analysis.Pass) (any, error) {
	u := passes.Unit(pass)
	s := New(u)
	for _, f := range pass.Files {
		if passes.Skip(pass, f) {
			continue
		}
		src, err := passes.Source(pass, f)
		if err != nil {
			return nil, err
		}
		for _, b := range s.Find(f) {
			d := analysis.Diagnostic{Pos: b.value.Pos(), End: b.value.End(), Message: b.String()}
			if edit := u.File(f, src, rewrite.Pretty); b.Copy(edit) {
				d.SuggestedFixes = passes.Fix(pass, "Bind a copy", edit)
			}
			pass.Report(d)
		}
	}
	return nil, nil
}
