package policy

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
)

// path returns a name for the variable, or the field of one, that x stands for,
// the same in every function that it is passed to; or "".
func (p *Program) path(x ast.Expr, f *frame) string {
	if x == nil || f == nil || f.fn == nil || f.depth() > maxFollow {
		return ""
	}
	info := f.fn.unit.Info
	switch x := ast.Unparen(x).(type) {
	case *ast.UnaryExpr:
		if x.Op == token.AND {
			return p.path(x.X, f)
		}
	case *ast.StarExpr:
		return p.path(x.X, f)
	case *ast.SelectorExpr:
		if id, ok := x.X.(*ast.Ident); ok {
			if _, ok := info.Uses[id].(*types.PkgName); ok {
				return fmt.Sprintf("%p", info.Uses[x.Sel])
			}
		}
		if base := p.path(x.X, f); base != "" {
			return base + "." + x.Sel.Name
		}
	case *ast.Ident:
		v, ok := info.ObjectOf(x).(*types.Var)
		if !ok {
			return ""
		}
		g, param := f.owner(v)
		if g != nil && g.up != nil {
			switch {
			case param == element && g.recv != nil:
				return p.path(g.recv, g.up)
			case param >= 0 && g.call != nil && int(param) < len(g.call.Args) && !g.fn.variadic:
				return p.path(g.call.Args[param], g.up)
			}
		}
		return fmt.Sprintf("%p", v)
	}
	return ""
}

// A waitKind is how something is waited for.
type waitKind int

const (
	receives waitKind = iota // one value of a channel, or its end
	drains                   // the end of a channel
	groups                   // a WaitGroup or its like
	selects                  // one case of several, or something unknown
)

// A wait is a place at which a function waits.
type wait struct {
	kind     waitKind
	on       string // what is waited for; see path
	x        ast.Expr
	node     ast.Node
	stack    []ast.Node // from the function's body to it
	deferred bool
}

// waits returns where fn waits, in function literals that it defers too.
func (p *Program) waits(f *frame) (list []wait) {
	info := f.fn.unit.Info
	ast.PreorderStack(f.fn.body, nil, func(n ast.Node, stack []ast.Node) bool {
		w := wait{node: n}
		var x ast.Expr
		switch n := n.(type) {
		case *ast.FuncLit:
			return isDeferred(n, stack)
		case *ast.CallExpr:
			if on, ok := waitCall(n, true); ok {
				x, w.kind = on, selects
				if isWaitGroup(info.TypeOf(on)) {
					w.kind = groups
				}
			}
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				x = n.X
			}
		case *ast.RangeStmt:
			if isChan(info.TypeOf(n.X)) {
				x, w.kind = n.X, drains
			}
		}
		if x == nil {
			return true
		}
		w.on, w.x = p.path(x, f), x
		w.stack = append([]ast.Node(nil), stack...)
		for _, s := range stack {
			switch s := s.(type) {
			case *ast.CommClause:
				if s.Comm != nil && s.Comm.Pos() <= n.Pos() && n.End() <= s.Comm.End() {
					w.kind = selects
				}
			case *ast.DeferStmt:
				w.deferred = true
			}
		}
		if w.on != "" {
			list = append(list, w)
		}
		return true
	})
	return list
}

func isDeferred(lit *ast.FuncLit, stack []ast.Node) bool {
	if len(stack) < 2 {
		return false
	}
	_, ok := stack[len(stack)-2].(*ast.DeferStmt)
	call, isCall := stack[len(stack)-1].(*ast.CallExpr)
	return ok && isCall && call.Fun == ast.Expr(lit)
}
