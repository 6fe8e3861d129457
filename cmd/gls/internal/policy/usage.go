package policy

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A usage says what is done to a channel.
type usage struct {
	p    *Program
	seen map[*types.Var]bool
	gets []gift
	// within are the calls that lead to the function that is looked at, and
	// its frame.
	within []place
	frame  *frame
}

// A gift is a place at which a channel is closed or sent on.
type gift struct {
	places []place // the last is that of the statement
	closes bool
}

// A place is a node of a function, with the nodes around it from the function's
// body.
type place struct {
	f     *frame
	node  ast.Node
	stack []ast.Node
}

// usageOf returns what is done to the channel v of a frame's function, and
// whether it stays there.
func (p *Program) usageOf(v *types.Var, g *frame) (u *usage, stays bool) {
	u = &usage{p: p, seen: map[*types.Var]bool{}, frame: g}
	return u, u.stays(v, g.fn)
}

func (u *usage) give(n ast.Node, stack []ast.Node, closes bool) {
	at := place{u.frame, n, append([]ast.Node(nil), stack...)}
	u.gets = append(u.gets, gift{append(u.within[:len(u.within):len(u.within)], at), closes})
}

// stays reports whether no use of v in fn lets the channel out of the function.
func (u *usage) stays(v *types.Var, fn *function) bool {
	if u.seen[v] {
		return true
	}
	u.seen[v] = true
	for _, a := range u.p.assigned[v] {
		if !isMake(a) {
			return false
		}
	}
	if u.p.addressed[v] || fn.body == nil {
		return false
	}
	ok := true
	info := fn.unit.Info
	ast.PreorderStack(fn.body, nil, func(n ast.Node, stack []ast.Node) bool {
		if id, is := n.(*ast.Ident); is && ok && info.Uses[id] == v {
			ok = u.allowed(id, stack, fn)
		}
		return ok
	})
	return ok
}

func isMake(a value) bool {
	call, ok := ast.Unparen(a.expr).(*ast.CallExpr)
	if !ok {
		return false
	}
	b, ok := a.unit.Info.Uses[nameOfOr(call.Fun)].(*types.Builtin)
	return ok && b.Name() == "make"
}

// allowed reports whether a use keeps the channel in.
func (u *usage) allowed(id *ast.Ident, stack []ast.Node, fn *function) bool {
	kept := u.keptLiterals(stack, fn)
	switch n := stack[len(stack)-1].(type) {
	case *ast.SendStmt:
		u.give(n, stack[:len(stack)-1], false)
		return n.Chan == ast.Expr(id) && kept
	case *ast.UnaryExpr:
		return n.Op == token.ARROW
	case *ast.RangeStmt:
		return n.X == ast.Expr(id)
	case *ast.BinaryExpr:
		return true
	case *ast.AssignStmt:
		for _, r := range n.Rhs {
			if ast.Unparen(r) == ast.Expr(id) {
				blank, ok := n.Lhs[0].(*ast.Ident)
				return ok && blank.Name == "_"
			}
		}
		return true
	case *ast.CallExpr:
		return u.passed(id, n, stack[:len(stack)-1], fn) && kept
	}
	return false
}

// passed reports whether a call that gets the channel keeps it in.
func (u *usage) passed(id *ast.Ident, call *ast.CallExpr, stack []ast.Node, fn *function) bool {
	info := fn.unit.Info
	name := nameOf(call.Fun)
	if b, ok := info.Uses[nameOfOr(call.Fun)].(*types.Builtin); ok {
		if b.Name() == "close" {
			u.give(call, stack, true)
		}
		return b.Name() == "close" || b.Name() == "len" || b.Name() == "cap"
	}
	var d *function
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		d = u.p.lits[lit]
	} else if name != nil {
		if obj, ok := info.Uses[name].(*types.Func); ok && !isAbstract(obj) {
			d = u.p.decl(obj)
		} else if v := variableOf(info, name); v != nil && len(u.p.assigned[v]) == 1 {
			if lit, ok := ast.Unparen(u.p.assigned[v][0].expr).(*ast.FuncLit); ok {
				d = u.p.lits[lit]
			}
		}
	}
	if d == nil || d.variadic {
		return false
	}
	for i, a := range call.Args {
		if ast.Unparen(a) == ast.Expr(id) {
			return i < len(d.params) && (d.params[i] == nil || u.follow(call, stack, d, d.params[i]))
		}
	}
	return false
}

// follow looks at what a function does to the channel that a call passes.
func (u *usage) follow(call *ast.CallExpr, stack []ast.Node, d *function, param *types.Var) bool {
	within, f := u.within, u.frame
	defer func() { u.within, u.frame = within, f }()
	at := u.p.enclosing(f, stack)
	u.within = append(within[:len(within):len(within)], place{f, call, append([]ast.Node(nil), stack...)})
	u.frame = &frame{fn: d, up: at, call: call, recv: receiver(call)}
	if d.obj == nil {
		u.frame.recv, u.frame.lex = nil, at
	}
	return u.stays(param, d)
}

// enclosing returns the frame of the innermost function literal on a stack that
// begins in the function of f.
func (p *Program) enclosing(f *frame, stack []ast.Node) *frame {
	for _, n := range stack {
		if lit, ok := n.(*ast.FuncLit); ok && p.lits[lit] != nil && p.lits[lit] != f.fn {
			f = &frame{fn: p.lits[lit], lex: f}
		}
	}
	return f
}

// keptLiterals reports whether the function literals on the way to a use are
// called where they stand, started, or called by functions that keep none.
func (u *usage) keptLiterals(stack []ast.Node, fn *function) bool {
	for i, n := range stack {
		lit, ok := n.(*ast.FuncLit)
		if !ok || i == 0 || ast.Node(lit) == fn.node {
			continue
		}
		switch n := stack[i-1].(type) {
		case *ast.CallExpr:
			if n.Fun != ast.Expr(lit) && !keepsNone(fn.unit.Info, n) {
				return false
			}
		case *ast.AssignStmt:
			v := u.p.bound[lit]
			if v == nil || u.p.valued(v, fn) {
				return false
			}
		default:
			return false
		}
	}
	return true
}

// keepsNone reports whether a call of another module calls the functions that
// it is given and forgets them.
func keepsNone(info *types.Info, call *ast.CallExpr) bool {
	fn, ok := info.Uses[nameOfOr(call.Fun)].(*types.Func)
	if !ok || fn.Pkg() == nil {
		return false
	}
	switch fn.Pkg().Path() {
	case "sync", "sort", "slices", "maps", "strings", "golang.org/x/sync/errgroup", spawnPath:
		return true
	}
	return false
}

// valued reports whether the function in v is used other than by calling it.
func (p *Program) valued(v *types.Var, fn *function) bool {
	uses := 0
	for id, obj := range fn.unit.Info.Uses {
		if obj == v && id.Pos() != v.Pos() {
			uses++
		}
	}
	return uses > len(p.through[v])
}
