// Package glsapi recognises uses of packages gls and spawn in type-checked
// code.
package glsapi

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"golang.org/x/tools/go/types/typeutil"
)

// Module is the path of this library's root module. Spawn and Gls are the
// import paths of its packages.
const (
	Module = "github.com/seed18162548/contextvars"
	Spawn  = Module + "/spawn"
	Gls    = Module + "/gls"
)

// Foundations lists the modules that packages gls and spawn need. If one of
// them imported spawn, that would be a cycle.
var Foundations = []string{"github.com/petermattis/goid"}

// IsFoundation reports whether path is the path of this library's module or of
// one that it needs.
func IsFoundation(path string) bool {
	return path == Module || slices.Contains(Foundations, path)
}

// Func returns the name of the function of this module that a call calls, such
// as "gls.New", "spawn.Go" or "gls.Var.Set", or "", and the receiver if it is a
// method.
func Func(info *types.Info, call *ast.CallExpr) (name string, recv ast.Expr) {
	fn, ok := typeutil.Callee(info, call).(*types.Func)
	if !ok || !ours(fn) {
		return "", nil
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && info.Selections[sel] != nil {
		recv = sel.X
	}
	name = fn.Pkg().Name() + "."
	if r := fn.Signature().Recv(); r != nil {
		named := namedOf(r.Type())
		if named == nil {
			return "", nil
		}
		name += named.Obj().Name() + "."
	}
	return name + fn.Name(), recv
}

func ours(obj types.Object) bool {
	if obj.Pkg() == nil {
		return false
	}
	p := obj.Pkg().Path()
	return p == Gls || p == Spawn || strings.HasPrefix(p, Gls+"/")
}

func namedOf(t types.Type) *types.Named {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	named, _ := t.(*types.Named)
	return named
}

// IsToken reports whether t is a gls.Token or a pointer to one.
func IsToken(t types.Type) bool {
	if t == nil {
		return false
	}
	named := namedOf(t)
	return named != nil && named.Obj().Name() == "Token" && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == Gls
}

// Object returns the variable or field that e names, or nil.
func Object(info *types.Info, e ast.Expr) types.Object {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return info.ObjectOf(e)
	case *ast.SelectorExpr:
		return info.ObjectOf(e.Sel)
	}
	return nil
}
