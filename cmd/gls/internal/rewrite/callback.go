package rewrite

import (
	"bytes"
	"go/ast"
	"go/token"
	"go/types"
	"path"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
)

// Wrapper returns the name of the function of package gls that wraps a function
// of type t, or "".
func Wrapper(t types.Type) string {
	sig, ok := t.Underlying().(*types.Signature)
	if !ok || sig.Variadic() || sig.TypeParams().Len() > 0 {
		return ""
	}
	params, results := sig.Params().Len(), sig.Results().Len()
	switch {
	case params == 0 && results == 0:
		return "Wrap"
	case params == 1 && results == 0:
		return "Wrap1"
	case params == 0 && results == 1 && types.Identical(sig.Results().At(0).Type(), types.Universe.Lookup("error").Type()):
		return "WrapErr"
	}
	return ""
}

// Wrap puts e, a function that a Wrapper is for, into a call of it.
func (f *File) Wrap(e ast.Expr, wrapper string) {
	f.replace(e.Pos(), e.Pos(), f.qualified(glsapi.Gls, wrapper)+"(")
	f.replace(e.End(), e.End(), ")")
}

// WrapIn puts e, a function, into a call of by.
func (f *File) WrapIn(e ast.Expr, by Starter) {
	open := f.qualified(by.Path, by.Name) + "("
	for _, s := range by.Leading {
		open += s + ", "
	}
	f.replace(e.Pos(), e.Pos(), open)
	f.replace(e.End(), e.End(), ")")
}

// Call replaces the callee of call, which must be a qualified name, by the
// function name of package pkgPath. It reports whether it could.
func (f *File) Call(call *ast.CallExpr, pkgPath, name string) bool {
	fun := call.Fun
	switch x := fun.(type) {
	case *ast.IndexExpr:
		fun = x.X
	case *ast.IndexListExpr:
		fun = x.X
	}
	sel, ok := fun.(*ast.SelectorExpr)
	if !ok || f.spansLines(sel) {
		return false
	}
	id, ok := sel.X.(*ast.Ident)
	if !ok {
		return false
	}
	if pkg, ok := f.unit.Info.Uses[id].(*types.PkgName); ok {
		f.released = append(f.released, pkg)
	}
	f.replace(sel.Pos(), sel.End(), f.qualified(pkgPath, name))
	return true
}

// unused returns the imports of which Call took the last uses away.
func (f *File) unused() map[*ast.ImportSpec]bool {
	released := map[*types.PkgName]int{}
	for _, pkg := range f.released {
		released[pkg]++
	}
	unused := map[*ast.ImportSpec]bool{}
	for _, spec := range f.ast.Imports {
		pkg := f.unit.Info.PkgNameOf(spec)
		if n := released[pkg]; n > 0 && f.uses(pkg) == n {
			unused[spec] = true
		}
	}
	return unused
}

// unusedImports returns the edits that remove the imports that are unused.
func (f *File) unusedImports() (edits []Edit) {
	for spec := range f.unused() {
		if f.layout == SameLines || spec.Comment != nil || spec.Doc != nil {
			from := spec.Path.Pos()
			if spec.Name != nil {
				from = spec.Name.Pos()
			}
			edits = append(edits, Edit{from, spec.Path.Pos(), "_ "})
			continue
		}
		edits = append(edits, f.removal(spec))
	}
	return edits
}

// uses returns how often the file uses an import.
func (f *File) uses(pkg *types.PkgName) (n int) {
	for _, obj := range f.unit.Info.Uses {
		if obj == pkg {
			n++
		}
	}
	return n
}

// removal returns the edit that removes an import, and its line with it.
func (f *File) removal(spec *ast.ImportSpec) Edit {
	for _, d := range f.ast.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.IMPORT {
			continue
		}
		if !decl.Lparen.IsValid() && decl.Specs[0] == spec {
			return Edit{decl.Pos(), decl.End(), ""}
		}
	}
	end := f.endOfLine(spec.End())
	rest := f.src[f.offset(end):]
	switch {
	case len(rest) == 0:
	case rest[0] == '\n':
		end++
	case bytes.HasPrefix(rest, []byte("\r\n")):
		end += 2
	default:
		return Edit{spec.Pos(), spec.End(), ""}
	}
	return Edit{f.startOfLine(spec.Pos()), end, ""}
}

// Qualify returns the usual name of a function of this module.
func Qualify(pkgPath, name string) string { return path.Base(pkgPath) + "." + name }

// Function turns the method call recv.M(…) into a call of the function name of
// package pkgPath, with recv, or its address, as the first argument.
func (f *File) Function(call *ast.CallExpr, pkgPath, name string, recv ast.Expr, address bool) {
	open := f.qualified(pkgPath, name) + "("
	if address {
		open += "&"
	}
	f.replace(call.Pos(), call.Pos(), open)
	between := ""
	if len(call.Args) > 0 {
		between = ", "
	}
	f.replace(recv.End(), call.Lparen+1, between)
}
