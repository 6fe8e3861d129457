package policy

import (
	"go/ast"
	"go/token"
)

// rounds finds out whether every round of a loop makes a step.
type rounds struct {
	step  func(ast.Stmt) bool
	label string
	bad   bool // a round ends without
}

func (r *rounds) all(n *ast.ForStmt) bool {
	if n.Post != nil && r.step(n.Post) {
		return true
	}
	stepped, falls := r.list(n.Body.List, false)
	return !r.bad && (stepped || !falls)
}

// list follows statements; in says whether a step was made before them. It
// returns whether one was made behind them, and whether they can be passed.
func (r *rounds) list(list []ast.Stmt, in bool) (out, falls bool) {
	for _, stmt := range list {
		if in, falls = r.stmt(stmt, in); !falls {
			return true, false
		}
	}
	return in, true
}

func (r *rounds) stmt(stmt ast.Stmt, in bool) (out, falls bool) {
	switch n := stmt.(type) {
	case *ast.ReturnStmt:
		return true, false
	case *ast.BranchStmt:
		return r.branch(n, in)
	case *ast.BlockStmt:
		return r.list(n.List, in)
	case *ast.LabeledStmt:
		return r.stmt(n.Stmt, in)
	case *ast.IfStmt:
		if n.Init != nil {
			in = in || r.step(n.Init)
		}
		out, falls = r.list(n.Body.List, in)
		other, otherFalls := in, true
		if n.Else != nil {
			other, otherFalls = r.stmt(n.Else, in)
		}
		return out && other, falls || otherFalls
	case *ast.SwitchStmt:
		return r.clauses(n.Body, in, false)
	case *ast.TypeSwitchStmt:
		return r.clauses(n.Body, in, false)
	case *ast.SelectStmt:
		return r.clauses(n.Body, in, true)
	case *ast.ForStmt:
		r.nested(n.Body, in)
	case *ast.RangeStmt:
		r.nested(n.Body, in)
	case *ast.ExprStmt:
		if call, ok := n.X.(*ast.CallExpr); ok {
			if id, ok := call.Fun.(*ast.Ident); ok && id.Name == "panic" {
				return true, false
			}
		}
	default:
		return in || r.step(stmt), true
	}
	return in, true
}

func (r *rounds) branch(n *ast.BranchStmt, in bool) (out, falls bool) {
	switch {
	case n.Tok == token.CONTINUE && (n.Label == nil || n.Label.Name == r.label):
		r.bad = r.bad || !in
	case n.Tok == token.GOTO:
		r.bad = true
	}
	return true, false
}

// clauses follows the cases of a switch, or of a select, of which one is always
// taken.
func (r *rounds) clauses(body *ast.BlockStmt, in, one bool) (out, falls bool) {
	out = true
	for _, c := range body.List {
		var list []ast.Stmt
		switch c := c.(type) {
		case *ast.CaseClause:
			one = one || c.List == nil
			list = c.Body
		case *ast.CommClause:
			list = c.Body
		}
		stepped, passed := r.list(list, in)
		out, falls = out && (stepped || !passed), falls || passed
		if breaks(list) {
			out, falls = out && in, true // what is behind the statement follows
		}
	}
	if !one {
		out, falls = out && in, true
	}
	return out, falls
}

// breaks reports whether a list has a break of the statement around.
func breaks(list []ast.Stmt) (found bool) {
	for _, stmt := range list {
		ast.Inspect(stmt, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncLit, *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.SelectStmt, *ast.TypeSwitchStmt:
				return false
			case *ast.BranchStmt:
				found = found || n.Tok == token.BREAK && n.Label == nil
			}
			return true
		})
	}
	return found
}

// nested looks for jumps out of a loop in a loop to the next round.
func (r *rounds) nested(body *ast.BlockStmt, in bool) {
	if !in && r.label != "" && goesOn(body, r.label) {
		ast.Inspect(body, func(n ast.Node) bool {
			if b, ok := n.(*ast.BranchStmt); ok && b.Tok == token.CONTINUE && b.Label != nil && b.Label.Name == r.label {
				r.bad = true
			}
			return true
		})
	}
}
