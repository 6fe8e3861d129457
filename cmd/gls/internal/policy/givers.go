package policy

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A channel that stays in a function, or a group that does, is waited for by a
// goroutine that has its own end in view only if those who close the channel,
// send on it or belong to the group come to theirs. A channel that nobody
// closes any more does no harm where it is received from: the goroutine does
// nothing either. It does where it is the way out of a loop.

// givers reports whether all goroutines that close a channel or send on it end.
func (p *Program) givers(u *usage) bool {
	for _, g := range u.gets {
		for _, at := range g.places {
			if !p.asyncEnd(at) {
				return false
			}
		}
	}
	return true
}

// asyncEnd reports whether all goroutines end that are started on the way to a
// place.
func (p *Program) asyncEnd(at place) bool { return p.asyncEndFrom(at, 0) }

// awaited reports whether the function of f, which is part of the request's
// work, surely waits for what a go statement, or a call, starts. That says
// nothing if it is the goroutine in question that waits.
func (p *Program) awaited(n ast.Node, f *frame) bool {
	return f.up == nil && p.sameWork(f.fn) && (p.start == nil || !contains(p.start, n)) && p.joined(n, f.fn)
}

func (p *Program) asyncEndFrom(at place, depth int) bool {
	stack := append(at.stack[:len(at.stack):len(at.stack)], at.node)
	for i, n := range stack {
		f := func() *frame { return p.enclosing(at.f, stack[:i]) }
		switch n := n.(type) {
		case *ast.GoStmt:
			if !p.awaited(n, f()) {
				return p.ends(n, func() *doubt { return (&search{p: p}).call(n.Call, f()) })
			}
		case *ast.FuncLit:
			if i == 0 || p.lits[n] == nil {
				continue
			}
			switch up := stack[i-1].(type) {
			case *ast.CallExpr:
				if up.Fun == ast.Expr(n) || isSyncCall(at.f.fn.unit.Info, up) {
					break
				}
				lex := f()
				if !p.awaited(up, lex) && !p.ends(n, func() *doubt { return (&search{p: p}).function(&frame{fn: p.lits[n], lex: lex}) }) {
					return false
				}
			}
			if v := p.holder(stack[:i], n); v != nil && depth < 4 {
				for _, s := range p.through[v] {
					if s.fn == nil || !p.asyncEndFrom(p.placeOf(s.call, at.f.within(s.fn)), depth+1) {
						return false
					}
				}
			}
		}
	}
	return true
}

// isSyncCall reports whether a call that is given a function calls it, if at
// all, on its own goroutine, or returns it.
func isSyncCall(info *types.Info, call *ast.CallExpr) bool {
	fn, ok := info.Uses[nameOfOr(call.Fun)].(*types.Func)
	return ok && keepsNone(info, call) && !starters[fn.FullName()]
}

// holder returns the variable that has a function literal, itself or what
// sync.OnceFunc makes of it; or nil. The stack leads to the literal.
func (p *Program) holder(stack []ast.Node, lit *ast.FuncLit) *types.Var {
	if v := p.bound[lit]; v != nil {
		return v
	}
	if call, ok := stack[len(stack)-1].(*ast.CallExpr); ok && call.Fun != ast.Expr(lit) {
		return p.taken[callResult{call, 0}]
	}
	return nil
}

// placeOf returns the place of a node in the function of a frame.
func (p *Program) placeOf(node ast.Node, f *frame) place {
	at := place{f: f, node: node}
	ast.PreorderStack(f.fn.body, nil, func(n ast.Node, stack []ast.Node) bool {
		if n == node {
			at.stack = append([]ast.Node(nil), stack...)
		}
		return at.stack == nil && contains(n, node)
	})
	return at
}

// ends reports whether a search finds nothing. What is being searched already
// is taken to end: the others decide.
func (p *Program) ends(n ast.Node, search func() *doubt) bool {
	if ends, ok := p.ending[n]; ok {
		return ends
	}
	before := map[ast.Node]bool{}
	for n, ends := range p.ending {
		before[n] = ends
	}
	p.ending[n] = true
	ends := search() == nil
	if !ends {
		p.ending = before // others may have relied on it
		p.ending[n] = false
	}
	return ends
}

// surely reports whether the channel v of g's function is closed, or sent on
// too, whatever happens after the goroutine in question has been started.
func (p *Program) surely(u *usage, v *types.Var, g *frame, sends bool) bool {
	ref := p.placeOf(p.start, g)
	if p.start == nil || ref.stack == nil {
		ref = p.definition(v, g)
	}
	if ref.stack == nil {
		return false
	}
	for _, gift := range u.gets {
		if !gift.closes && !sends {
			continue
		}
		sure := true
		for i, at := range gift.places {
			sure = sure && p.sureAt(at, &ref, i == 0, 0)
		}
		if sure {
			return true
		}
	}
	return false
}

// definition returns the place where a variable is declared.
func (p *Program) definition(v *types.Var, g *frame) (at place) {
	ast.PreorderStack(g.fn.body, nil, func(n ast.Node, stack []ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok && g.fn.unit.Info.Defs[id] == v {
			at = place{g, id, append([]ast.Node(nil), stack...)}
		}
		return at.stack == nil
	})
	return at
}

// sureAt reports whether code that executes ref always reaches a place, or, if
// root is not set, code that calls the function of the place.
func (p *Program) sureAt(at place, ref *place, root bool, depth int) bool {
	node, stack := at.node, at.stack
	for i := len(stack) - 1; i >= 0; i-- {
		lit, ok := stack[i].(*ast.FuncLit)
		if !ok {
			continue
		}
		if !always(lit.Body, stack[i+1:], node) || i == 0 {
			return false
		}
		if v := p.holder(stack[:i], lit); v != nil {
			if depth > 3 {
				return false
			}
			for _, s := range p.through[v] {
				if s.fn != nil && p.sureAt(p.placeOf(s.call, at.f.within(s.fn)), ref, root && s.fn == at.f.fn, depth+1) {
					return true
				}
			}
			return false
		}
		node, stack = stack[i-1], stack[:i-1]
		if up, ok := node.(*ast.CallExpr); !ok || up.Fun != ast.Expr(lit) && !keepsNone(at.f.fn.unit.Info, up) {
			return false
		}
		if len(stack) > 0 {
			if g, ok := stack[len(stack)-1].(*ast.GoStmt); ok {
				node, stack = g, stack[:len(stack)-1]
			}
		}
		i = len(stack)
	}
	if !root {
		return always(at.f.fn.body, stack, node)
	}
	s := &start{node: ref.node, stack: ref.stack}
	if contains(node, ref.node) {
		return false
	}
	return passes(s, node, stack, isDefer(stack))
}

func isDefer(stack []ast.Node) bool {
	for i := len(stack) - 1; i >= 0; i-- {
		if _, ok := stack[i].(*ast.DeferStmt); ok {
			return true
		}
	}
	return false
}

// always reports whether executing a body always reaches a node, to which the
// stack leads from the body.
func always(body *ast.BlockStmt, stack []ast.Node, node ast.Node) bool {
	if !unconditional(stack, node) {
		return false
	}
	found := false
	inspectFunc(body, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.ReturnStmt:
			found = found || n.End() <= node.Pos()
		case *ast.BranchStmt:
			found = found || n.Tok == token.GOTO
		}
	})
	return !found
}

// members reports whether all goroutines of the group v end, as far as the
// function of g starts them.
func (p *Program) members(v *types.Var, g *frame, depth int) bool {
	info := g.fn.unit.Info
	if g.fn.body == nil || depth > 3 {
		return false
	}
	ok := true
	ast.PreorderStack(g.fn.body, nil, func(n ast.Node, stack []ast.Node) bool {
		if id, is := n.(*ast.Ident); is && ok && info.Uses[id] == v {
			ok = p.member(id, stack, g, depth)
		}
		return ok
	})
	return ok
}

// member reports whether a use of a group is one that ends.
func (p *Program) member(id *ast.Ident, stack []ast.Node, g *frame, depth int) bool {
	info := g.fn.unit.Info
	var x ast.Node = id
	i := len(stack) - 1
	for ; i > 0; i-- {
		switch n := stack[i].(type) {
		case *ast.ParenExpr, *ast.UnaryExpr, *ast.StarExpr:
			x = n
			continue
		}
		break
	}
	sel, isSel := stack[i].(*ast.SelectorExpr)
	if isSel && i > 0 {
		call, _ := stack[i-1].(*ast.CallExpr)
		switch {
		case sel.Sel.Name == "Wait" || sel.Sel.Name == "Add" || call == nil:
			return true
		case sel.Sel.Name == "Done":
			return p.asyncEnd(place{g, call, stack[:i-1]})
		}
		f := p.enclosing(g, stack)
		for _, a := range call.Args {
			if t := info.TypeOf(a); t == nil || !isFunc(t) {
				continue
			}
			if !p.ends(a, func() *doubt { return (&search{p: p}).value(a, f) }) {
				return false
			}
		}
		return true
	}
	call, ok := stack[i].(*ast.CallExpr)
	if !ok {
		return false // it is stored
	}
	for _, n := range stack[:i] {
		if _, ok := n.(*ast.GoStmt); ok {
			return p.asyncEnd(place{g, call, stack[:i]})
		}
	}
	fn := calleeOf(info, call)
	d := p.decl(fn)
	if d == nil || isAbstract(fn) || d.variadic {
		return false
	}
	for k, a := range call.Args {
		if ast.Node(a) == x && k < len(d.params) && d.params[k] != nil {
			return p.members(d.params[k], &frame{fn: d, up: p.enclosing(g, stack), call: call, recv: receiver(call)}, depth+1)
		}
	}
	return true
}

// value searches the function that an expression stands for.
func (s *search) value(e ast.Expr, f *frame) *doubt {
	list, ok := s.p.origins(e, whole, f)
	if !ok || len(list) == 0 {
		return s.unknown(f, e.Pos(), "is a function @ of which nothing is known: "+exprString(e))
	}
	for _, o := range list {
		if d := s.called(o, e.Pos(), f, nil); d != nil {
			return d
		}
	}
	return nil
}
