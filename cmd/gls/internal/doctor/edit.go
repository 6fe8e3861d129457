// Package doctor describes the environment for bug reports, and finds the
// statements that lose bindings when a program runs.
package doctor

import (
	"fmt"
	"path/filepath"
	"strconv"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
	"github.com/seed18162548/contextvars/cmd/gls/internal/handoff"
	"github.com/seed18162548/contextvars/cmd/gls/internal/plan"
	"github.com/seed18162548/contextvars/cmd/gls/internal/policy"
	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
	"github.com/seed18162548/contextvars/cmd/gls/internal/site"
)

// Tag is the build tag with which the library reports its reads.
const Tag = "gls_doctor"

const glsdoctor = glsapi.Gls + "/glsdoctor"

// tests are functions of package testing that call their argument elsewhere.
var tests = []handoff.Taker{
	{Func: "(*testing.T).Run", Arg: 1},
	{Func: "(*testing.B).Run", Arg: 1},
	{Func: "(*testing.B).RunParallel"},
	{Func: "(*testing.F).Fuzz"},
}

// Plan returns the options of a plan that makes every go statement, and every
// function that is passed to another goroutine, remember its starter's
// bindings. If a comment says that no bindings are needed, nothing counts as
// lost. Files are named relative to dir.
func Plan(dir string, takers []handoff.Taker) plan.Options {
	return plan.Options{
		Tests: true, Generated: true, AllEditable: true,
		Options: site.Options{
			Policy:    policy.Safe,
			Layout:    rewrite.SameLines,
			Callbacks: true,
			Takers:    handoff.Index(handoff.Known, tests, takers),
			By: func(s site.Site) (rewrite.Starter, bool) {
				settled := s.Class == policy.Detach || s.Class == policy.Ignore
				where := []string{strconv.Quote(Name(dir, s))}
				switch {
				case s.Kind == site.Go && settled:
					return rewrite.Starter{Path: glsdoctor, Name: "Settled"}, true
				case s.Kind == site.Go:
					return rewrite.Starter{Path: glsdoctor, Name: "Go", Leading: where}, true
				}
				name := "Func"
				if s.NoGenerics {
					name = "Plain"
				}
				return rewrite.Starter{Path: glsdoctor, Name: name, Leading: where}, !settled
			},
		},
	}
}

// Name returns the name of a place, relative to dir if it is inside.
func Name(dir string, s site.Site) string {
	name := s.File
	if rel, err := filepath.Rel(dir, name); err == nil && filepath.IsLocal(rel) {
		name = filepath.ToSlash(rel)
	}
	return fmt.Sprintf("%s:%d", name, s.Line)
}
