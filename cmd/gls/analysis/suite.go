// Package analysis lists the analyzers of gls.
package analysis

import (
	"golang.org/x/tools/go/analysis"

	"github.com/seed18162548/contextvars/cmd/gls/analysis/callback"
	"github.com/seed18162548/contextvars/cmd/gls/analysis/lifetime"
	"github.com/seed18162548/contextvars/cmd/gls/analysis/newvar"
	"github.com/seed18162548/contextvars/cmd/gls/analysis/rawgo"
	"github.com/seed18162548/contextvars/cmd/gls/analysis/reused"
	"github.com/seed18162548/contextvars/cmd/gls/analysis/subtest"
	"github.com/seed18162548/contextvars/cmd/gls/analysis/token"
	"github.com/seed18162548/contextvars/cmd/gls/analysis/tokenscope"
)

// All returns the analyzers.
func All() []*analysis.Analyzer {
	return []*analysis.Analyzer{
		rawgo.Analyzer, callback.Analyzer, lifetime.Analyzer, token.Analyzer, tokenscope.Analyzer, newvar.Analyzer, subtest.Analyzer,
		reused.Analyzer,
	}
}
