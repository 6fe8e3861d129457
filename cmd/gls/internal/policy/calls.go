package policy

import (
	"go/ast"
	"go/token"
	"go/types"
)

// call searches what a call calls. Its arguments are searched by the walk.
func (s *search) call(call *ast.CallExpr, f *frame) *doubt {
	info := f.fn.unit.Info
	if info.Types[call.Fun].IsType() {
		return nil
	}
	fun := ast.Unparen(call.Fun)
	if _, ok := info.Uses[nameOfOr(fun)].(*types.Builtin); ok {
		return nil
	}
	if lit, ok := fun.(*ast.FuncLit); ok {
		return s.enter(&frame{fn: s.p.lits[lit], up: f, call: call, lex: f}, call.Pos())
	}
	if fn, ok := info.Uses[nameOfOr(fun)].(*types.Func); ok {
		return s.method(fn, call, f)
	}
	if s.iterating > 0 && f.call == nil && f.up != nil {
		if v := variableOf(info, fun); v != nil && len(f.fn.params) == 1 && f.fn.params[0] == v {
			return nil
		}
	}
	list, ok := s.p.origins(fun, whole, f)
	if !ok {
		return s.unknown(f, call.Pos(), "calls @ a function that is a value, of which nothing is known: "+exprString(fun))
	}
	for _, o := range list {
		if d := s.called(o, call.Pos(), f, call); d != nil {
			return d
		}
	}
	return nil
}

// called searches the function that an expression stands for, when it is called
// at pos.
func (s *search) called(o origin, pos token.Pos, f *frame, call *ast.CallExpr) *doubt {
	nothing := s.unknown(f, pos, "calls @ a function of which nothing is known: "+exprString(o.expr))
	if o.at == nil || o.at.fn == nil {
		// A package-level variable's value.
		if lit, ok := ast.Unparen(o.expr).(*ast.FuncLit); ok && s.p.lits[lit] != nil {
			return s.enter(&frame{fn: s.p.lits[lit], up: f, call: call}, pos)
		}
		return nothing
	}
	info := o.at.fn.unit.Info
	switch e := ast.Unparen(o.expr).(type) {
	case *ast.FuncLit:
		return s.enter(&frame{fn: s.p.lits[e], up: f, call: call, lex: o.at}, pos)
	case *ast.CallExpr:
		// A function that a call returns: cancel functions are the known ones.
		fn := calleeOf(info, e)
		if fn != nil && !s.p.program(fn) && returnsEnding(fn) {
			return s.callbacks(fn, e, o.at)
		}
		return nothing
	case *ast.Ident, *ast.SelectorExpr, *ast.IndexExpr, *ast.IndexListExpr:
		if info.Types[o.expr].IsNil() {
			return nil
		}
		fn, ok := info.Uses[nameOfOr(o.expr)].(*types.Func)
		if !ok {
			return nothing
		}
		if sel, ok := e.(*ast.SelectorExpr); ok && info.Selections[sel] != nil && info.Selections[sel].Kind() == types.MethodExpr {
			call = nil
		}
		return s.methodValue(fn, o, pos, f, call)
	}
	return nothing
}

// methodValue searches a declared function that was a value.
func (s *search) methodValue(fn *types.Func, o origin, pos token.Pos, f *frame, call *ast.CallExpr) *doubt {
	if isAbstract(fn) {
		return s.abstract(fn, pos, f, call)
	}
	if d := s.p.decl(fn); d != nil {
		return s.enter(&frame{fn: d, up: f, call: call}, pos)
	}
	return s.outside(fn, call, pos, f)
}

// method searches a declared function or method that is called by its name.
func (s *search) method(fn *types.Func, call *ast.CallExpr, f *frame) *doubt {
	if isAbstract(fn) {
		return s.abstract(fn, call.Pos(), f, call)
	}
	if d := s.p.decl(fn); d != nil {
		g := &frame{fn: d, up: f, call: call, recv: receiver(call)}
		if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
			if m := f.fn.unit.Info.Selections[sel]; m != nil && m.Kind() == types.MethodExpr {
				g.recv, g.call = nil, nil
				if len(call.Args) > 0 {
					g.recv = call.Args[0]
				}
			}
		}
		return s.enter(g, call.Pos())
	}
	return s.outside(fn, call, call.Pos(), f)
}

// enter searches a function of the program, as called at pos by the function of
// the frame above. A function that is being searched already is taken to end if
// it gets on from one call to the next.
func (s *search) enter(g *frame, pos token.Pos) *doubt {
	if g.fn == nil || g.fn.body == nil {
		return s.unknown(g.up, pos, "calls @ a function of which nothing is known")
	}
	for _, h := range s.stack {
		if h.fn == g.fn {
			if s.getsOn(g, h) {
				s.assumed = true
				return nil
			}
			return s.lives(g.up, pos, "calls itself again @: "+g.fn.name())
		}
	}
	d := s.function(g)
	if d == nil {
		return nil
	}
	longer := *d
	longer.chain = append([]step{{g.up.fn.unit, pos, g.fn.name()}}, d.chain...)
	return &longer
}

// getsOn reports whether a recursive call differs from the call that it comes
// from: it has a part of an argument, or a number that is less or is looked at.
func (s *search) getsOn(g, h *frame) bool {
	if g.call == nil {
		return false
	}
	info := g.up.fn.unit.Info
	differs := func(e ast.Expr, i int) bool {
		switch e := ast.Unparen(e).(type) {
		case *ast.SelectorExpr, *ast.IndexExpr, *ast.SliceExpr:
			return sameKind(info, e)
		case *ast.CallExpr:
			return sameKind(info, e) && s.p.isAccess(info, e)
		case *ast.BinaryExpr:
			v, _ := identVar(info, e.X)
			return (e.Op == token.SUB || e.Op == token.QUO || e.Op == token.SHR) &&
				v != nil && i >= 0 && i < len(g.fn.params) && v == g.fn.params[i] && asksFor(info, g.fn.body, v)
		case *ast.Ident:
			v := variableOf(info, e)
			if v == nil {
				return false
			}
			_, basic := v.Type().Underlying().(*types.Basic)
			return !basic && (s.isPartOf(v, g.up) || s.p.ranged[v])
		}
		return false
	}
	if g.recv != nil && differs(g.recv, -1) {
		return true
	}
	for i, a := range g.call.Args {
		if differs(a, i) {
			return true
		}
	}
	return false
}

// isAccess reports whether a method returns a part of what it has: it is one of
// another module, or all that it returns are fields and elements.
func (p *Program) isAccess(info *types.Info, call *ast.CallExpr) bool {
	fn := calleeOf(info, call)
	d := p.decl(fn)
	if d == nil {
		return fn != nil
	}
	parts := true
	inspectFunc(d.body, func(n ast.Node) {
		if ret, ok := n.(*ast.ReturnStmt); ok {
			for _, r := range ret.Results {
				switch r := ast.Unparen(r).(type) {
				case *ast.SelectorExpr, *ast.IndexExpr, *ast.SliceExpr, *ast.Ident:
				default:
					parts = parts && d.unit.Info.Types[r].Value != nil
				}
			}
		}
	})
	return parts
}

// asksFor reports whether a function compares a variable in a condition.
func asksFor(info *types.Info, body ast.Node, v *types.Var) (found bool) {
	ast.Inspect(body, func(n ast.Node) bool {
		var cond ast.Expr
		switch n := n.(type) {
		case *ast.IfStmt:
			cond = n.Cond
		case *ast.SwitchStmt:
			cond = n.Tag
		case *ast.CaseClause:
			for _, e := range n.List {
				found = found || mentions(info, e, v)
			}
		}
		found = found || cond != nil && mentions(info, cond, v)
		return !found
	})
	return found
}

func mentions(info *types.Info, n ast.Node, v *types.Var) (found bool) {
	ast.Inspect(n, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		found = found || ok && info.Uses[id] == v
		return !found
	})
	return found
}

// sameKind reports whether e is a part of a variable that has the type of the
// variable itself: a child of a node, the rest of a list.
func sameKind(info *types.Info, e ast.Expr) bool {
	root := e
	for {
		switch x := ast.Unparen(root).(type) {
		case *ast.SelectorExpr:
			root = x.X
			continue
		case *ast.IndexExpr:
			root = x.X
			continue
		case *ast.SliceExpr:
			root = x.X
			continue
		case *ast.CallExpr:
			if recv := receiver(x); recv != nil && len(x.Args) == 0 {
				root = recv
				continue
			}
			return false
		}
		break
	}
	a, b := info.TypeOf(e), info.TypeOf(root)
	return a != nil && b != nil && types.Identical(pointee(a), pointee(b))
}

func pointee(t types.Type) types.Type {
	if ptr, ok := t.Underlying().(*types.Pointer); ok {
		return ptr.Elem()
	}
	return t
}

// isPartOf reports whether a local variable is assigned a part of another: a
// field, an element, or a method's result.
func (s *search) isPartOf(v *types.Var, f *frame) bool {
	g, param := f.owner(v)
	if g == nil || param != whole || len(s.p.assigned[v]) == 0 {
		return false
	}
	for _, a := range s.p.assigned[v] {
		switch ast.Unparen(a.expr).(type) {
		case *ast.SelectorExpr, *ast.IndexExpr, *ast.SliceExpr, *ast.TypeAssertExpr:
		default:
			if a.part != element {
				return false
			}
		}
	}
	return true
}

func typeName(fn *types.Func) string {
	if recv := fn.Signature().Recv(); recv != nil {
		if named := namedOf(recv.Type()); named != nil {
			return named.Obj().Name() + "." + fn.Name()
		}
		return fn.Name()
	}
	if fn.Pkg() != nil {
		return fn.Pkg().Name() + "." + fn.Name()
	}
	return fn.Name()
}

func exprString(e ast.Expr) string { return types.ExprString(e) }
