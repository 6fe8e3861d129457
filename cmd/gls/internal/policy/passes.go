package policy

import (
	"go/ast"
	"go/token"
)

// passes reports whether a function that executes the statement of s comes by
// the wait, on every way but a panic: it stands behind it, in the same list of
// statements or one around, under no condition, and nothing in between leaves.
func passes(s *start, wait ast.Node, stack []ast.Node, deferred bool) bool {
	i := 0
	for i < len(stack) && i < len(s.stack) && stack[i] == s.stack[i] {
		i++
	}
	if i == 0 {
		return false
	}
	switch stack[i-1].(type) {
	case *ast.BlockStmt, *ast.CaseClause, *ast.CommClause:
	default:
		return false
	}
	if !unconditional(stack[i:], wait) {
		return false
	}
	if deferred {
		// It runs whatever happens, once the defer statement is executed.
		return wait.Pos() < s.node.Pos() || !leavesBetween(stack[i-1], s.stack[i:], s.node, wait.Pos(), stack[:i])
	}
	return wait.Pos() > s.node.Pos() && !leavesBetween(stack[i-1], s.stack[i:], s.node, wait.Pos(), stack[:i])
}

// unconditional reports whether a goroutine that executes the first node of a
// stack also executes n at its end.
func unconditional(stack []ast.Node, n ast.Node) bool {
	for i, at := range stack {
		next := n
		if i+1 < len(stack) {
			next = stack[i+1]
		}
		switch at := at.(type) {
		case *ast.IfStmt:
			if next != ast.Node(at.Init) && next != ast.Node(at.Cond) {
				return false
			}
		case *ast.ForStmt, *ast.RangeStmt:
			return false
		case *ast.SwitchStmt:
			if next != ast.Node(at.Init) && next != ast.Node(at.Tag) {
				return false
			}
		case *ast.TypeSwitchStmt, *ast.SelectStmt, *ast.CaseClause, *ast.CommClause, *ast.GoStmt:
			return false
		case *ast.BinaryExpr:
			if (at.Op == token.LAND || at.Op == token.LOR) && next == ast.Node(at.Y) {
				return false
			}
		}
	}
	return true
}

// leavesBetween reports whether a statement between the start and the wait
// leaves the list in which both stand. In a loop that starts goroutines, any
// one of the loop can.
func leavesBetween(list ast.Node, below []ast.Node, start ast.Node, wait token.Pos, above []ast.Node) bool {
	from := start.End()
	for _, n := range below {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			from = n.Pos()
		}
		if from < start.Pos() {
			break
		}
	}
	looped := inLoop(above)
	found := false
	inspectFunc(list, func(n ast.Node) {
		if n.Pos() < from || n.Pos() >= wait {
			return
		}
		switch n := n.(type) {
		case *ast.ReturnStmt:
			// The one that waits itself ends behind the wait.
			found = found || n.End() <= wait
		case *ast.BranchStmt:
			found = found || n.Tok == token.GOTO || n.Label != nil || looped
		}
	})
	return found
}

// inLoop reports whether a loop is on the stack.
func inLoop(stack []ast.Node) bool { return len(loopsOf(stack)) > 0 }

func loopsOf(stack []ast.Node) (loops []ast.Node) {
	for _, n := range stack {
		switch n.(type) {
		case *ast.ForStmt, *ast.RangeStmt:
			loops = append(loops, n)
		}
	}
	return loops
}

// sameLoops reports whether two nodes are in the same loops, so that each round
// that starts a goroutine receives once.
func sameLoops(a, b []ast.Node) bool {
	x, y := loopsOf(a), loopsOf(b)
	if len(x) != len(y) {
		return false
	}
	for i := range x {
		if x[i] != y[i] {
			return false
		}
	}
	return true
}
