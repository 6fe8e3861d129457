package policy

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
)

// gathered reports whether as many values are received from w's channel behind
// the statement as there are goroutines that send: each of them sends one, last
// of all, and is started once.
func (p *Program) gathered(w *wait, s *start) bool {
	v, g := p.variable(w.x, s.f)
	if v == nil || g.fn != s.f.fn || inLoop(s.stack) {
		return false
	}
	u, stays := p.usageOf(v, g)
	if !stays {
		return false
	}
	senders := map[*ast.GoStmt]int{}
	for _, gift := range u.gets {
		by := p.goStatements(gift.places[0])
		if gift.closes || len(by) == 0 {
			return false
		}
		for _, stmt := range by {
			senders[stmt]++
		}
	}
	for stmt, sends := range senders {
		if sends != 1 || inLoop(p.placeOf(stmt, g).stack) {
			return false
		}
		if sig := p.signals(p.target(stmt.Call, g))[w.on]; sig == nil || sig.sends != last {
			return false
		}
	}
	return len(senders) <= p.received(v, s)
}

// goStatements returns the go statements in the function of a place that lead
// to it: the one around it, or all that call the function literal around it. It
// returns nil if something else may lead there.
func (p *Program) goStatements(at place) (list []*ast.GoStmt) {
	stack := append(at.stack[:len(at.stack):len(at.stack)], at.node)
	for i, n := range stack {
		switch n := n.(type) {
		case *ast.GoStmt:
			return []*ast.GoStmt{n}
		case *ast.FuncLit:
			v := p.bound[n]
			if v == nil || i == 0 {
				return nil
			}
			for _, s := range p.through[v] {
				if s.fn != at.f.fn {
					return nil
				}
				stmt, ok := parent(p.placeOf(s.call, at.f).stack).(*ast.GoStmt)
				if !ok {
					return nil
				}
				list = append(list, stmt)
			}
			return list
		}
	}
	return nil
}

func parent(stack []ast.Node) ast.Node {
	if len(stack) == 0 {
		return nil
	}
	return stack[len(stack)-1]
}

// received returns how many values of v the function of s surely receives
// behind the statement.
func (p *Program) received(v *types.Var, s *start) (n int) {
	info := s.f.fn.unit.Info
	ast.PreorderStack(s.f.fn.body, nil, func(m ast.Node, stack []ast.Node) bool {
		if _, lit := m.(*ast.FuncLit); lit {
			return false
		}
		u, ok := m.(*ast.UnaryExpr)
		if !ok || u.Op != token.ARROW || variableOf(info, u.X) != v {
			return true
		}
		if passes(s, u, stack, false) {
			n++
		} else if times, at := repeated(info, stack, u); times > 0 && passes(s, at, stack[:index(stack, at)], false) {
			n += times
		}
		return true
	})
	return n
}

func index(stack []ast.Node, n ast.Node) int {
	for i := range stack {
		if stack[i] == n {
			return i
		}
	}
	return len(stack)
}

// repeated returns the loop around the end of a stack, and how often it goes
// round, if that is a constant and nothing leaves it or passes the end by.
func repeated(info *types.Info, stack []ast.Node, end ast.Node) (times int, loop ast.Node) {
	for i := len(stack) - 1; i >= 0; i-- {
		var body *ast.BlockStmt
		var bound ast.Expr
		switch n := stack[i].(type) {
		case *ast.RangeStmt:
			body, bound = n.Body, n.X
		case *ast.ForStmt:
			cond, ok := n.Cond.(*ast.BinaryExpr)
			init, isInit := n.Init.(*ast.AssignStmt)
			post, isPost := n.Post.(*ast.IncDecStmt)
			if !ok || !isInit || !isPost || cond.Op != token.LSS || post.Tok != token.INC || len(init.Rhs) != 1 ||
				info.Types[init.Rhs[0]].Value == nil || info.Types[init.Rhs[0]].Value.ExactString() != "0" {
				return 0, nil
			}
			body, bound = n.Body, cond.Y
		default:
			continue
		}
		v := info.Types[bound].Value
		if v == nil || v.Kind() != constant.Int || hasExit(body) || len(stack) < i+2 || !unconditional(stack[i+2:], end) || goesOn(body, "") {
			return 0, nil
		}
		n, ok := constant.Int64Val(v)
		if !ok || n > 1000 {
			return 0, nil
		}
		return int(n), stack[i]
	}
	return 0, nil
}
