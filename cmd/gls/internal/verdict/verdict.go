// Package verdict passes the verdicts of the policy from the gls command, which
// sees a whole program, to the analyzers, which see one package at a time.
package verdict

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/token"
	"os"

	"golang.org/x/tools/go/analysis"

	"github.com/seed18162548/contextvars/cmd/gls/internal/handoff"
	"github.com/seed18162548/contextvars/cmd/gls/internal/load"
	"github.com/seed18162548/contextvars/cmd/gls/internal/passes"
	"github.com/seed18162548/contextvars/cmd/gls/internal/policy"
	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
)

// A Set has the verdicts about a program, by position.
type Set map[string]policy.Verdict

// Options configures the policy.
type Options struct {
	policy.Options
	Takers map[string]handoff.Taker
}

// Collect judges all statements of a program. Tests must not change what is
// said of the program itself: they call what nobody else calls, and with
// contexts of their own. So statements outside of tests are judged without
// them.
func Collect(pkgs []*load.Package, o Options) Set {
	var units, plain []*rewrite.Unit
	for _, pkg := range pkgs {
		if pkg.Unit == nil {
			continue
		}
		units = append(units, pkg.Unit)
		if !pkg.ForTest() {
			plain = append(plain, pkg.Unit)
		}
	}
	set := Set{}
	if len(plain) < len(units) {
		set.collect(units, o)
	}
	set.collect(plain, o)
	return set
}

func (set Set) collect(units []*rewrite.Unit, o Options) {
	program := policy.NewProgram(units, o.Options)
	for _, u := range units {
		judge := program.Judge(u)
		for _, f := range u.Files {
			passes.Walk(f, func(n ast.Node, path []ast.Node) {
				if stmt, ok := n.(*ast.GoStmt); ok {
					set[key(u.Fset, stmt)] = judge.Go(stmt, path)
				}
				for _, h := range handoff.Find(u.Info, o.Takers, n) {
					set[key(u.Fset, h.Fn)] = judge.Callback(h, path)
				}
				if h, ok := handoff.Spawned(u.Info, n); ok {
					set[key(u.Fset, h.Fn)] = judge.Callback(h, path)
				}
			})
		}
	}
}

// Judge returns the judge that gives the verdicts of the set about a package,
// and those of another judge where the set says nothing.
func (s Set) Judge(u *rewrite.Unit, other *policy.Judge) *Judge {
	return &Judge{set: s, unit: u, judge: other}
}

// key returns the name of the position of a go statement, or of the function
// that is handed over.
func key(fset *token.FileSet, n ast.Node) string {
	pos := fset.PositionFor(n.Pos(), false)
	return fmt.Sprintf("%s:%d:%d", pos.Filename, pos.Line, pos.Column)
}

// Write writes a set for [Read].
func (s Set) Write() ([]byte, error) { return json.Marshal(s) }

// A Judge gives the verdicts about a package: those of a Set or, for places
// that are not in it, its own.
type Judge struct {
	set   Set
	unit  *rewrite.Unit
	judge *policy.Judge
}

// For returns the judge for a pass. File is what [Set.Write] wrote, or "".
func For(pass *analysis.Pass, u *rewrite.Unit, o policy.Options, file string) (*Judge, error) {
	j := &Judge{unit: u, judge: policy.NewProgram([]*rewrite.Unit{u}, o).Judge(u)}
	if file == "" {
		return j, nil
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return j, json.Unmarshal(data, &j.set)
}

// Go returns the verdict about a go statement.
func (j *Judge) Go(stmt *ast.GoStmt, path []ast.Node) policy.Verdict {
	if v, ok := j.set[key(j.unit.Fset, stmt)]; ok {
		return v
	}
	return j.judge.Go(stmt, path)
}

// Callback returns the verdict about a handoff.
func (j *Judge) Callback(h handoff.Handoff, path []ast.Node) policy.Verdict {
	if v, ok := j.set[key(j.unit.Fset, h.Fn)]; ok {
		return v
	}
	return j.judge.Callback(h, path)
}
