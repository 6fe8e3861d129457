// Package glsapi recognises uses of packages gls and spawn in type-checked
// code.
package glsapi

import (
	"go/ast"
	"go/types"
	"slices"
	"strings"

	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
)

// Foundations are the modules that packages gls and spawn need. An import of
// spawn in one of them would be a cycle.
var Foundations = []string{"github.com/petermattis/goid", "golang.org/x/sync"}

// IsFoundation reports whether the module of that path is this library's, or
// one that it needs.
func IsFoundation(path string) bool {
	return path == rewrite.Module || slices.Contains(Foundations, path)
}

// Func returns the function of this module that a call calls, as "gls.New",
// "spawn.Go" or "gls.Var.Set", and the receiver if it is a method; or "".
func Func(info *types.Info, call *ast.CallExpr) (name string, recv ast.Expr) {
	fun := ast.Unparen(call.Fun)
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = ast.Unparen(x.X)
	case *ast.IndexListExpr:
		fun = ast.Unparen(x.X)
	}
	var id *ast.Ident
	switch x := fun.(type) {
	case *ast.Ident:
		id = x
	case *ast.SelectorExpr:
		id = x.Sel
		if info.Selections[x] != nil {
			recv = x.X
		}
	default:
		return "", nil
	}
	fn, ok := info.Uses[id].(*types.Func)
	if !ok || !ours(fn) {
		return "", nil
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
	return p == rewrite.Gls || p == rewrite.Spawn || strings.HasPrefix(p, rewrite.Gls+"/")
}

func namedOf(t types.Type) *types.Named {
	t = types.Unalias(t)
	if p, ok := t.(*types.Pointer); ok {
		t = types.Unalias(p.Elem())
	}
	named, _ := t.(*types.Named)
	return named
}

// IsToken reports whether t is a gls.Token, or a pointer to one.
func IsToken(t types.Type) bool {
	if t == nil {
		return false
	}
	named := namedOf(t)
	return named != nil && named.Obj().Name() == "Token" && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == rewrite.Gls
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
