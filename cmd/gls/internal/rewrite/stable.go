package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"go/version"
)

// isStable reports whether e has no effect and the same value, whether it is
// evaluated now or later on another goroutine.
func (f *File) isStable(e ast.Expr) bool {
	e = ast.Unparen(e)
	if tv, ok := f.unit.Info.Types[e]; ok && (tv.Value != nil || tv.IsNil()) {
		return true
	}
	switch e := e.(type) {
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr:
		if f.isStatic(e) {
			return true
		}
		id, ok := e.(*ast.Ident)
		return ok && f.unit.isFinal(id)
	case *ast.UnaryExpr:
		// The address of a variable stays the same if its value changes.
		id, ok := ast.Unparen(e.X).(*ast.Ident)
		return ok && e.Op == token.AND && f.unit.Info.Uses[id] != nil
	case *ast.FuncLit:
		return true // creating a closure reads nothing
	case *ast.CallExpr:
		// A conversion. A conversion to an array can panic, and a string made
		// from a slice depends on the elements.
		tv := f.unit.Info.Types[e.Fun]
		if !tv.IsType() || len(e.Args) != 1 {
			return false
		}
		switch tv.Type.Underlying().(type) {
		case *types.Basic:
			from := f.unit.Info.TypeOf(e.Args[0])
			_, basic := from.Underlying().(*types.Basic)
			return basic && f.isStable(e.Args[0])
		case *types.Interface, *types.Signature:
			return f.isStable(e.Args[0])
		}
	}
	return false
}

// isStatic reports whether e names a function: a declared one, a builtin, a
// method expression, or an instance.
func (f *File) isStatic(e ast.Expr) bool {
	info := f.unit.Info
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		switch info.Uses[e].(type) {
		case *types.Func, *types.Builtin:
			return true
		}
	case *ast.SelectorExpr:
		if sel := info.Selections[e]; sel != nil {
			return sel.Kind() == types.MethodExpr
		}
		return f.isStatic(e.Sel)
	case *ast.IndexExpr:
		return f.isStatic(e.X)
	case *ast.IndexListExpr:
		return f.isStatic(e.X)
	}
	return false
}

// isStableMethod reports whether e is a method value x.M that is the same
// function if it is evaluated later: x is stable, and neither a dereference nor
// an interface can make the evaluation panic.
func (f *File) isStableMethod(e ast.Expr) bool {
	s, ok := ast.Unparen(e).(*ast.SelectorExpr)
	if !ok {
		return false
	}
	sel := f.unit.Info.Selections[s]
	if sel == nil || sel.Kind() != types.MethodVal || len(sel.Index()) != 1 || !f.isStable(s.X) {
		return false
	}
	recv := sel.Obj().(*types.Func).Signature().Recv().Type()
	if types.IsInterface(recv) {
		return false
	}
	return isPointer(recv) == isPointer(sel.Recv())
}

func isPointer(t types.Type) bool {
	_, ok := t.Underlying().(*types.Pointer)
	return ok
}

// isFinal reports whether id is a local variable that keeps its initial value.
func (u *Unit) isFinal(id *ast.Ident) bool {
	v, ok := u.Info.Uses[id].(*types.Var)
	if !ok || v.IsField() || v.Parent() == nil || v.Parent() == u.Pkg.Scope() || v.Pkg() != u.Pkg {
		return false
	}
	return !u.reassignedVars()[v]
}

// reassignedVars returns the variables of the package that may change after
// their declaration: something assigns to them, or to a part of them, takes
// their address, or returns through them.
func (u *Unit) reassignedVars() map[*types.Var]bool {
	if u.reassigned != nil {
		return u.reassigned
	}
	u.reassigned = map[*types.Var]bool{}
	for _, file := range u.Files {
		perIteration := version.Compare(u.languageOf(file), "go1.22") >= 0
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.AssignStmt:
				for _, x := range n.Lhs {
					u.assigned(x)
				}
			case *ast.IncDecStmt:
				u.assigned(n.X)
			case *ast.RangeStmt:
				if n.Tok == token.ASSIGN {
					u.assigned(n.Key)
					u.assigned(n.Value)
				} else if !perIteration {
					u.declaredOnce(n.Key)
					u.declaredOnce(n.Value)
				}
			case *ast.UnaryExpr:
				if n.Op == token.AND {
					u.assigned(n.X)
				}
			case *ast.SliceExpr:
				if _, ok := u.Info.TypeOf(n.X).Underlying().(*types.Array); ok {
					u.assigned(n.X)
				}
			case *ast.SelectorExpr:
				if u.takesAddress(n) {
					u.assigned(n.X)
				}
			case *ast.FuncType:
				u.results(n)
			case *ast.ValueSpec:
				if len(n.Values) == 0 { // "var x T": a value follows
					for _, id := range n.Names {
						u.declaredOnce(id)
					}
				}
			}
			return true
		})
	}
	return u.reassigned
}

// takesAddress reports whether e is a method value x.M that means (&x).M.
func (u *Unit) takesAddress(e *ast.SelectorExpr) bool {
	sel := u.Info.Selections[e]
	return sel != nil && sel.Kind() == types.MethodVal && !isPointer(sel.Recv()) &&
		isPointer(sel.Obj().(*types.Func).Signature().Recv().Type())
}

// languageOf returns the language version of file.
func (u *Unit) languageOf(file *ast.File) string {
	if v := u.Info.FileVersions[file]; v != "" {
		return v
	}
	return u.Version
}

// results marks named results: every return statement assigns to them.
func (u *Unit) results(t *ast.FuncType) {
	if t.Results == nil {
		return
	}
	for _, field := range t.Results.List {
		for _, id := range field.Names {
			u.declaredOnce(id)
		}
	}
}

// declaredOnce marks the variable that e declares.
func (u *Unit) declaredOnce(e ast.Expr) {
	if id, ok := e.(*ast.Ident); ok {
		if v, ok := u.Info.Defs[id].(*types.Var); ok {
			u.reassigned[v] = true
		}
	}
}

// assigned marks the variable of which e, the operand of an assignment, is all
// or a part.
func (u *Unit) assigned(e ast.Expr) {
	whole := true
	for e != nil {
		switch x := ast.Unparen(e).(type) {
		case *ast.Ident:
			v, ok := u.Info.Uses[x].(*types.Var)
			if ok && (whole || holdsParts(v.Type())) {
				u.reassigned[v] = true
			}
			return
		case *ast.SelectorExpr:
			e = x.X
		case *ast.IndexExpr:
			e = x.X
		default:
			return
		}
		whole = false
	}
}

// holdsParts reports whether assigning to an element or field of a t changes
// the t itself, rather than what it refers to.
func holdsParts(t types.Type) bool {
	if _, ok := t.(*types.TypeParam); ok {
		return true
	}
	switch t.Underlying().(type) {
	case *types.Struct, *types.Array:
		return true
	}
	return false
}
