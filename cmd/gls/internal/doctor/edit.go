// Package doctor tells what an adopter or a bug report needs, and finds the
// statements that lose bindings when a program runs.
package doctor

import (
	"fmt"
	"go/ast"
	"go/types"
	"path/filepath"
	"strconv"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
	"github.com/seed18162548/contextvars/cmd/gls/internal/plan"
	"github.com/seed18162548/contextvars/cmd/gls/internal/policy"
	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
	"github.com/seed18162548/contextvars/cmd/gls/internal/site"
)

const glsdoctor = rewrite.Gls + "/glsdoctor"

// readers are the methods that have a namesake in package glsdoctor.
var readers = map[string]string{
	"gls.Var.Get": "Get", "gls.Var.GetOr": "GetOr", "gls.Var.Lookup": "Lookup", "gls.Var.MustGet": "MustGet",
}

// Plan returns the options of a plan that has every go statement remember its
// starter's bindings, but for those that a comment settles, and every read look
// there. Files are named relative to dir.
func Plan(dir string) plan.Options {
	return plan.Options{
		Tests: true, Generated: true, Reach: true,
		Options: site.Options{
			Policy: policy.Safe,
			Layout: rewrite.SameLines,
			By: func(s site.Site) (rewrite.Starter, bool) {
				if s.Class == policy.Detach || s.Class == policy.Ignore {
					return rewrite.Starter{}, false
				}
				name := s.File
				if rel, err := filepath.Rel(dir, name); err == nil && filepath.IsLocal(rel) {
					name = filepath.ToSlash(rel)
				}
				where := strconv.Quote(fmt.Sprintf("%s:%d", name, s.Line))
				return rewrite.Starter{Path: glsdoctor, Name: "Go", Leading: []string{where}}, true
			},
		},
		Edit: reads,
	}
}

// reads replaces the reads of variables in a file.
func reads(u *rewrite.Unit, f *ast.File, e *rewrite.File) {
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		full, recv := glsapi.Func(u.Info, call)
		name := readers[full]
		if name == "" || recv == nil {
			return true
		}
		// A variable that is embedded is left.
		t := types.Unalias(u.Info.TypeOf(recv))
		ptr, isPtr := t.(*types.Pointer)
		if isPtr {
			t = types.Unalias(ptr.Elem())
		}
		if named, ok := t.(*types.Named); ok && named.Obj().Name() == "Var" && named.Obj().Pkg().Path() == rewrite.Gls {
			e.Function(call, glsdoctor, name, recv, !isPtr)
		}
		return true
	})
}
