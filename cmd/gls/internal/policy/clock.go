package policy

import (
	"go/ast"
	"go/token"
	"go/types"
)

// passesTime reports whether a comparison comes false as time passes:
// time.Since(t) < d or time.Until(t) > d, where the loop leaves t as it is.
func (s *search) passesTime(c *ast.BinaryExpr, n *ast.ForStmt, f *frame) bool {
	clock := func(e ast.Expr) (name string, of ast.Expr) {
		call, ok := ast.Unparen(e).(*ast.CallExpr)
		if !ok {
			return "", nil
		}
		fn := calleeOf(f.fn.unit.Info, call)
		if fn == nil || len(call.Args) != 1 {
			return "", nil
		}
		return fn.FullName(), call.Args[0]
	}
	op, name, of := c.Op, "", ast.Expr(nil)
	if name, of = clock(c.X); of == nil {
		name, of = clock(c.Y)
		switch op {
		case token.LSS, token.LEQ:
			op = token.GTR
		case token.GTR, token.GEQ:
			op = token.LSS
		}
	}
	switch {
	case of == nil || !s.isFixed(of, n, f):
		return false
	case name == "time.Since":
		return op == token.LSS || op == token.LEQ
	case name == "time.Until":
		return op == token.GTR || op == token.GEQ
	}
	return false
}

// isNow reports whether e is time.Now().
func isNow(info *types.Info, e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := calleeOf(info, call)
	return fn != nil && fn.FullName() == "time.Now"
}

// isFixed reports whether e is a local variable, or a method's result of one,
// that the loop leaves as it is.
func (s *search) isFixed(e ast.Expr, n *ast.ForStmt, f *frame) bool {
	if call, ok := ast.Unparen(e).(*ast.CallExpr); ok {
		if recv := receiver(call); recv != nil && len(call.Args) < 2 {
			return s.isFixed(recv, n, f)
		}
		return false
	}
	v, _ := identVar(f.fn.unit.Info, e)
	if v == nil || v.IsField() || v.Pkg() == nil || v.Parent() == v.Pkg().Scope() || s.p.addressed[v] {
		return false
	}
	fixed := true
	for _, a := range s.p.assigned[v] {
		g, _ := f.owner(v)
		fixed = fixed && g != nil && a.fn == g.fn
	}
	ast.Inspect(n, func(m ast.Node) bool {
		s.assignments(m, f.fn.unit.Info, func(w *types.Var, _ change, _ ast.Expr) {
			fixed = fixed && (w != v || m == n.Init)
		})
		return fixed
	})
	return fixed
}

// stepsTime reports whether every round gives the variable e a time that is
// made of the one before.
func (s *search) stepsTime(e ast.Expr, n *ast.ForStmt, f *frame) bool {
	info := f.fn.unit.Info
	v, _ := identVar(info, e)
	if v == nil || v.IsField() || s.resetIn(n, nil, map[*types.Var]bool{v: true}, f) {
		return false
	}
	r := rounds{label: labelOf(f.fn.body, n), step: func(stmt ast.Stmt) (is bool) {
		s.assignments(stmt, info, func(w *types.Var, by change, rhs ast.Expr) {
			is = is || w == v && by == assigned && s.isStep(rhs, v, f)
		})
		return is
	}}
	return r.all(n)
}
