package policy

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A way is how a channel is waited for.
type way int

const (
	once  way = iota // one value, or the end
	drain            // until it is closed
)

// boundedChan reports whether whoever waits on channel x gets there: a time
// comes, a context of the request ends, or the function that started the
// goroutine sends or closes, and nobody else has the channel.
func (p *Program) boundedChan(x ast.Expr, f *frame, how way) bool {
	if x == nil {
		return false
	}
	list, ok := p.origins(x, whole, f)
	if !ok || len(list) == 0 {
		return false
	}
	for _, o := range list {
		if !p.boundedOrigin(o, how) && !p.boundedLocal(x, f, how) {
			return false
		}
	}
	return true
}

func (p *Program) boundedOrigin(o origin, how way) bool {
	if o.at == nil || o.at.fn == nil {
		return false
	}
	info := o.at.fn.unit.Info
	switch e := ast.Unparen(o.expr).(type) {
	case *ast.CallExpr:
		fn, _ := info.Uses[nameOfOr(e.Fun)].(*types.Func)
		if fn == nil {
			return false
		}
		switch fn.FullName() {
		case "time.After", "time.Tick":
			return how == once
		case "(context.Context).Done":
			return p.boundedContext(receiver(e), o.at)
		}
		if fn.Name() == "Done" && isContext(info.TypeOf(receiver(e))) {
			return p.boundedContext(receiver(e), o.at)
		}
	case *ast.SelectorExpr:
		if v := variableOf(info, e); v != nil && v.IsField() && v.Pkg() != nil && v.Pkg().Path() == "time" {
			return how == once
		}
	}
	return false
}

// boundedLocal reports whether x is a channel of the function that starts the
// goroutine, or of one that calls it, which does not leave it, and which it
// closes, or, for one value, sends on.
func (p *Program) boundedLocal(x ast.Expr, f *frame, how way) bool {
	v, g := p.variable(x, f)
	if v == nil || !isChan(v.Type()) || g.up == nil && !p.sameWork(g.fn) {
		return false
	}
	u := usage{p: p, seen: map[*types.Var]bool{}}
	return u.stays(v, g.fn.top()) && (u.closed || how == once && u.sent)
}

// variable returns the local variable in which the value of x was made, and the
// frame that it belongs to.
func (p *Program) variable(x ast.Expr, f *frame) (*types.Var, *frame) {
	for range maxFollow {
		if u, ok := ast.Unparen(x).(*ast.UnaryExpr); ok && u.Op == token.AND {
			x = u.X
		}
		id, ok := ast.Unparen(x).(*ast.Ident)
		if !ok || f == nil || f.fn == nil {
			return nil, nil
		}
		v := variableOf(f.fn.unit.Info, id)
		if v == nil {
			return nil, nil
		}
		g, param := f.owner(v)
		switch {
		case g == nil:
			return nil, nil
		case param == whole:
			return v, g
		case param == element:
			x, f = g.recv, g.up
		case g.call != nil && int(param) < len(g.call.Args) && !g.fn.variadic:
			x, f = g.call.Args[param], g.up
		default:
			// All calls must agree, which one call does.
			sites, ok := p.sites(g.fn)
			if !ok || len(sites) != 1 || int(param) >= len(sites[0].call.Args) || g.fn.variadic {
				return nil, nil
			}
			x, f = sites[0].call.Args[param], &frame{fn: sites[0].fn}
		}
		if x == nil {
			return nil, nil
		}
	}
	return nil, nil
}

// A usage says what is done to a channel.
type usage struct {
	p            *Program
	seen         map[*types.Var]bool
	closed, sent bool
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
		u.sent = true
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
		return u.passed(id, n, fn) && kept
	}
	return false
}

// passed reports whether a call that gets the channel keeps it in.
func (u *usage) passed(id *ast.Ident, call *ast.CallExpr, fn *function) bool {
	info := fn.unit.Info
	name := nameOf(call.Fun)
	if b, ok := info.Uses[nameOfOr(call.Fun)].(*types.Builtin); ok {
		u.closed = u.closed || b.Name() == "close"
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
			return i < len(d.params) && (d.params[i] == nil || u.stays(d.params[i], d))
		}
	}
	return false
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

// keepsNone reports whether a call of another module calls the functions that it
// is given and forgets them.
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

// isSlot reports whether a receive from x gives back a slot of a semaphore: the
// goroutine, or whoever starts it, has sent on the same channel, or sends there
// later.
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
		ast.Inspect(g.fn.body, func(n ast.Node) bool {
			if send, ok := n.(*ast.SendStmt); ok && p.path(send.Chan, g) == key {
				found = true
			}
			return !found
		})
	}
	return found
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
