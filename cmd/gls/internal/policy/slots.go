package policy

import (
	"go/ast"
	"go/types"
)

// isSlot reports whether a receive from x gives back a slot of a semaphore: the
// goroutine, or the one that starts it, has sent on the same channel, or sends
// there later.
func (p *Program) isSlot(x ast.Expr, f *frame) bool {
	info := f.fn.unit.Info
	t, ok := info.TypeOf(x).Underlying().(*types.Chan)
	if !ok || !isToken(t.Elem()) || !p.buffered(x, f) {
		return false
	}
	key := p.path(x, f)
	if key == "" {
		return false
	}
	found := false
	for g := f; g != nil && !found; g = g.next() {
		if g.fn == nil {
			break
		}
		ast.PreorderStack(g.fn.body, nil, func(n ast.Node, stack []ast.Node) bool {
			if send, ok := n.(*ast.SendStmt); ok && p.path(send.Chan, g) == key && !p.mayPass(stack, x) {
				found = true
			}
			return !found
		})
	}
	return found
}

// mayPass reports whether the stack of a send has a condition under which
// neither the receive x nor the statement that is judged stands: it does not
// always come before them.
func (p *Program) mayPass(stack []ast.Node, x ast.Node) bool {
	for _, n := range stack {
		switch n.(type) {
		case *ast.IfStmt, *ast.CaseClause:
			if !contains(n, x) && (p.start == nil || !contains(n, p.start)) {
				return true
			}
		}
	}
	return false
}

// buffered reports whether all channels that x may be are made with a buffer.
func (p *Program) buffered(x ast.Expr, f *frame) bool {
	v := variableOf(f.fn.unit.Info, x)
	if v == nil {
		return false
	}
	if local, _ := p.variable(x, f); local != nil {
		v = local
	}
	for _, a := range p.assigned[v] {
		call, ok := ast.Unparen(a.expr).(*ast.CallExpr)
		if !ok || !isMake(a) || len(call.Args) < 2 {
			return false
		}
	}
	return len(p.assigned[v]) > 0
}

// isToken reports whether a channel of type t can only be a semaphore or a
// signal.
func isToken(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Struct:
		return u.NumFields() == 0
	case *types.Basic:
		return u.Kind() == types.Bool
	}
	return false
}

// next returns the frame of the caller, or of the function around a literal.
func (f *frame) next() *frame {
	if f.up != nil {
		return f.up
	}
	return f.around()
}
