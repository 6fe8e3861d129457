package policy

import (
	"go/ast"
	"go/token"
	"go/types"
	"slices"
	"strings"
)

// first reports whether only the first of several callers starts the goroutine:
// a flag that all of them see, an atomic one or one under a lock, is asked and
// set. What it does is then for all of them.
func (p *Program) first(fn *function, node ast.Node, stack []ast.Node) bool {
	if fn == nil || fn.body == nil {
		return false
	}
	if p.guarded(fn, append(stack[:len(stack):len(stack)], node)) {
		return true
	}
	// Or all who call its function do.
	if fn.obj == nil {
		return false
	}
	sites := p.callers[p.key(fn.obj)]
	for _, s := range sites {
		if s.fn == nil {
			return false
		}
		at := p.placeOf(s.call, &frame{fn: s.fn})
		if !p.guarded(s.fn, append(at.stack, s.call)) {
			return false
		}
	}
	return len(sites) > 0 && !p.values[p.key(fn.obj)]
}

// guarded reports whether a condition around the end of the stack, or one
// before it that returns, is such a flag.
func (p *Program) guarded(fn *function, stack []ast.Node) bool {
	for i, n := range stack {
		if i+1 == len(stack) {
			break
		}
		switch n := n.(type) {
		case *ast.IfStmt:
			if stack[i+1] == ast.Node(n.Body) && p.isFlag(n, n.Body.List, fn) {
				return true
			}
		case *ast.CaseClause:
			for _, e := range n.List {
				if p.isFlag(&ast.IfStmt{Cond: e}, n.Body, fn) {
					return true
				}
			}
		case *ast.BlockStmt:
			for k, stmt := range n.List {
				if stmt.End() > stack[i+1].Pos() {
					break
				}
				c, ok := stmt.(*ast.IfStmt)
				if ok && leaves(c.Body, "") && p.isFlag(c, n.List[k+1:], fn) {
					return true
				}
			}
		}
	}
	return false
}

// isFlag reports whether an if asks a flag that the statements behind its
// condition set.
func (p *Program) isFlag(n *ast.IfStmt, behind []ast.Stmt, fn *function) bool {
	info := fn.unit.Info
	found := false
	look := func(m ast.Node) bool {
		switch m := m.(type) {
		case *ast.CallExpr:
			callee := calleeOf(info, m)
			if callee != nil {
				found = found || claims(callee) && !p.isOwnFlag(m, fn) || p.asksFlag(p.decl(callee))
			}
			return false
		case *ast.IndexExpr:
			return false
		case *ast.SelectorExpr:
			if v, ok := info.Uses[m.Sel].(*types.Var); ok && v.IsField() {
				shared := hasMutex(info.TypeOf(m.X)) || p.locks(fn, m.X)
				found = found || isState(v.Type()) && shared && sets(info, behind, v)
			}
		}
		return !found
	}
	ast.Inspect(n.Cond, look)
	if n.Init != nil {
		ast.Inspect(n.Init, look)
	}
	// The result of a claim in the statement before.
	if id, ok := ast.Unparen(negand(n.Cond)).(*ast.Ident); ok && !found {
		if v := variableOf(info, id); v != nil {
			inspectFunc(fn.body, func(m ast.Node) {
				if a, ok := m.(*ast.AssignStmt); ok && len(a.Rhs) == 1 {
					for _, l := range a.Lhs {
						if variableOf(info, l) == v {
							ast.Inspect(a.Rhs[0], look)
						}
					}
				}
			})
		}
	}
	return found
}

func negand(e ast.Expr) ast.Expr {
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.NOT {
		return u.X
	}
	return e
}

// claims reports whether the one who gets a certain answer from fn is the
// first.
func claims(fn *types.Func) bool {
	if fn.Pkg() == nil {
		return false
	}
	switch fn.Pkg().Path() {
	case "sync/atomic":
		return strings.HasPrefix(fn.Name(), "CompareAndSwap") || strings.HasPrefix(fn.Name(), "Swap")
	case "sync":
		return fn.Name() == "LoadOrStore" || fn.Name() == "TryLock" || fn.Name() == "CompareAndSwap"
	}
	return false
}

// asksFlag reports whether a function of the program tells its caller whether
// it is the first: it asks a flag and sets it.
func (p *Program) asksFlag(d *function) (found bool) {
	if d == nil || d.typ.Results == nil || d.obj == nil || p.asking {
		return false
	}
	p.asking = true // a flag is not asked through two functions
	defer func() { p.asking = false }()
	inspectFunc(d.body, func(n ast.Node) {
		ret, ok := n.(*ast.ReturnStmt)
		if !ok {
			return
		}
		for _, r := range ret.Results {
			if call, ok := ast.Unparen(r).(*ast.CallExpr); ok {
				callee := calleeOf(d.unit.Info, call)
				found = found || callee != nil && claims(callee) && !p.isOwnFlag(call, d)
			}
		}
	})
	for i, stmt := range d.body.List {
		c, ok := stmt.(*ast.IfStmt)
		if ok && !found && leaves(c.Body, "") {
			found = p.isFlag(c, d.body.List[i+1:], d)
		}
	}
	return found
}

// isOwnFlag reports whether a call asks a variable of the function itself,
// which nobody else sees.
func (p *Program) isOwnFlag(call *ast.CallExpr, fn *function) bool {
	x := receiver(call)
	if x == nil {
		return false
	}
	v, _ := identVar(fn.unit.Info, x)
	if v == nil || v.IsField() {
		return false
	}
	if _, pointer := v.Type().Underlying().(*types.Pointer); pointer {
		return false
	}
	g, param := (&frame{fn: fn}).owner(v)
	return g != nil && param == whole
}

// isState reports whether a field of type t can be such a flag.
func isState(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Info()&(types.IsBoolean|types.IsNumeric) != 0
	case *types.Pointer, *types.Chan, *types.Interface, *types.Signature:
		return true
	}
	return false
}

// hasMutex reports whether t is a struct with a mutex, or a pointer to one:
// then several goroutines use it.
func hasMutex(t types.Type) bool {
	if t == nil {
		return false
	}
	st, ok := pointee(t).Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for i := range st.NumFields() {
		switch types.TypeString(st.Field(i).Type(), nil) {
		case "sync.Mutex", "sync.RWMutex", "*sync.Mutex", "*sync.RWMutex":
			return true
		}
	}
	return false
}

// locks reports whether a function locks a mutex of x.
func (p *Program) locks(fn *function, x ast.Expr) (found bool) {
	info := fn.unit.Info
	root := variableOf(info, x)
	if root == nil {
		return false
	}
	ast.Inspect(fn.top().body, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || found {
			return !found
		}
		callee := calleeOf(info, call)
		if callee == nil || callee.Name() != "Lock" || callee.Pkg() == nil || callee.Pkg().Path() != "sync" {
			return true
		}
		recv := receiver(call)
		if sel, ok := ast.Unparen(recv).(*ast.SelectorExpr); ok {
			recv = sel.X
		}
		found = variableOf(info, recv) == root
		return !found
	})
	return found
}

// sets reports whether one of the statements assigns to a field.
func sets(info *types.Info, list []ast.Stmt, field *types.Var) bool {
	is := func(e ast.Expr) bool {
		sel, ok := ast.Unparen(e).(*ast.SelectorExpr)
		return ok && info.Uses[sel.Sel] == field
	}
	for _, stmt := range list {
		switch n := stmt.(type) {
		case *ast.AssignStmt:
			if slices.ContainsFunc(n.Lhs, is) {
				return true
			}
		case *ast.IncDecStmt:
			if is(n.X) {
				return true
			}
		}
	}
	return false
}
