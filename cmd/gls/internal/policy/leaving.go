package policy

import (
	"go/ast"
	"go/token"
)

// leavesInTime reports whether each round of a loop looks whether the request
// has ended, and leaves then: in a select or receive, or an if, at its top.
func (s *search) leavesInTime(n *ast.ForStmt, f *frame) bool { return s.leavesBy(n, f, false) }

// leavesWithRequest is like leavesInTime, but a time-out does not count.
func (s *search) leavesWithRequest(n *ast.ForStmt, f *frame) bool { return s.leavesBy(n, f, true) }

func (s *search) leavesBy(n *ast.ForStmt, f *frame, request bool) bool {
	bounded := func(x ast.Expr) bool {
		return s.p.boundedChan(x, f, leads) && (!request || s.p.endsWithRequest(x, f))
	}
	info := f.fn.unit.Info
	label := labelOf(f.fn.body, n)
	for i, stmt := range n.Body.List {
		if i > 0 && goesOn(n.Body.List[i-1], label) {
			return false // some rounds do not come here
		}
		switch stmt := stmt.(type) {
		case *ast.SelectStmt:
			for _, c := range stmt.Body.List {
				c := c.(*ast.CommClause)
				if x := received(c.Comm); x != nil && bounded(x) &&
					(leavesList(c.Body, label) || leavesNext(c.Comm, c.Body, label)) {
					return true
				}
			}
		case *ast.AssignStmt:
			if x := received(stmt); x != nil && bounded(x) && leavesNext(stmt, n.Body.List[i+1:], label) {
				return true
			}
		case *ast.IfStmt:
			b, ok := ast.Unparen(stmt.Cond).(*ast.BinaryExpr)
			if !ok || b.Op != token.NEQ || !leaves(stmt.Body, label) {
				continue
			}
			if call, ok := ast.Unparen(b.X).(*ast.CallExpr); ok && isErrOf(info, call) && s.p.boundedContext(receiver(call), f) {
				return true
			}
		case *ast.ReturnStmt:
			return !request
		case *ast.BranchStmt:
			return !request && stmt.Tok == token.BREAK
		}
	}
	return false
}

// labelOf returns the label of a loop, or "".
func labelOf(body ast.Node, loop ast.Stmt) string {
	label := ""
	inspectFunc(body, func(n ast.Node) {
		if l, ok := n.(*ast.LabeledStmt); ok && l.Stmt == loop {
			label = l.Label.Name
		}
	})
	return label
}

// leavesNext reports whether the first statement of a list leaves the loop if
// the receive before it says that the channel is closed.
func leavesNext(comm ast.Stmt, list []ast.Stmt, label string) bool {
	assign, ok := comm.(*ast.AssignStmt)
	if !ok || len(assign.Lhs) != 2 || len(list) == 0 {
		return false
	}
	c, isIf := list[0].(*ast.IfStmt)
	more, isName := assign.Lhs[1].(*ast.Ident)
	return isIf && isName && saysNot(c.Cond, more.Name) && leaving(c.Body, label, false)
}

// saysNot reports whether a condition is true whenever a variable is false.
func saysNot(cond ast.Expr, name string) bool {
	switch c := ast.Unparen(cond).(type) {
	case *ast.UnaryExpr:
		id, ok := ast.Unparen(c.X).(*ast.Ident)
		return ok && c.Op == token.NOT && id.Name == name
	case *ast.BinaryExpr:
		return c.Op == token.LOR && (saysNot(c.X, name) || saysNot(c.Y, name))
	}
	return false
}

// goesOn reports whether a statement in a loop, of that label, may begin the
// next round.
func goesOn(stmt ast.Stmt, label string) (found bool) {
	inner := 0
	ast.PreorderStack(stmt, nil, func(n ast.Node, stack []ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.BranchStmt:
			inner = 0
			for _, s := range stack {
				switch s.(type) {
				case *ast.ForStmt, *ast.RangeStmt:
					inner++
				}
			}
			if n.Tok == token.CONTINUE {
				found = found || n.Label == nil && inner == 0 || n.Label != nil && n.Label.Name == label
			}
		}
		return true
	})
	return found
}

// leavesList is leaves for the statements of a case of a select, in which a
// break without a label leaves only the select.
func leavesList(list []ast.Stmt, label string) bool {
	return leaving(&ast.BlockStmt{List: list}, label, false)
}

// leaves reports whether a block in a loop leaves the loop on every way
// through, as far as its last statement tells.
func leaves(body *ast.BlockStmt, label string) bool { return leaving(body, label, true) }

func leaving(body *ast.BlockStmt, label string, breaks bool) bool {
	if len(body.List) == 0 {
		return false
	}
	for _, stmt := range body.List {
		if goesOn(stmt, label) {
			return false
		}
	}
	switch last := body.List[len(body.List)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		switch last.Tok {
		case token.BREAK:
			return last.Label == nil && breaks || last.Label != nil && last.Label.Name == label
		case token.GOTO:
			return false
		}
	case *ast.ExprStmt:
		if call, ok := last.X.(*ast.CallExpr); ok {
			id, _ := ast.Unparen(call.Fun).(*ast.Ident)
			return id != nil && id.Name == "panic"
		}
	case *ast.BlockStmt:
		return leaving(last, label, breaks)
	case *ast.IfStmt:
		if other, ok := last.Else.(*ast.BlockStmt); ok {
			return leaving(last.Body, label, breaks) && leaving(other, label, breaks)
		}
	}
	return false
}
