package policy

import (
	"go/ast"
	"go/types"
)

// An edge leads from a function to one that it calls, mentions or starts.
type edge struct {
	to *function
	// start is the statement that starts it as a goroutine or by a timer; nil
	// if it is called, or may be.
	start ast.Node
	once  bool // it is passed to sync.Once and its kin
}

// edgesOf returns the edges of fn. A function may call what it mentions.
func (p *Program) edgesOf(fn *function) []edge {
	if list, ok := p.edges[fn]; ok {
		return list
	}
	p.edges[fn] = nil
	if fn.body == nil {
		return nil
	}
	e := edger{p: p, fn: fn, seen: map[edge]bool{}, called: map[*ast.Ident]bool{}}
	e.walk(fn.body, nil, false)
	p.edges[fn] = e.list
	return e.list
}

type edger struct {
	p    *Program
	fn   *function
	list []edge
	seen map[edge]bool
	// called are the names in the place of a called function.
	called map[*ast.Ident]bool
}

func (e *edger) add(to *function, start ast.Node, once bool) {
	x := edge{to, start, once}
	if to != nil && to.body != nil && !e.seen[x] {
		e.seen[x] = true
		e.list = append(e.list, x)
	}
}

func (e *edger) walk(n ast.Node, start ast.Node, once bool) {
	info := e.fn.unit.Info
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			e.add(e.p.lits[n], start, once)
			return false
		case *ast.GoStmt:
			e.walk(n.Call.Fun, n, once)
			for _, a := range n.Call.Args {
				e.walk(a, n, once)
			}
			return false
		case *ast.SendStmt:
			if isFunc(info.TypeOf(n.Value)) {
				e.walk(n.Chan, start, once)
				e.walk(n.Value, n, once)
				return false
			}
		case *ast.CallExpr:
			e.called[nameOfOr(n.Fun)] = true
			fn := calleeOf(info, n)
			if fn == nil {
				return true
			}
			if isOnce(fn) {
				for _, a := range n.Args {
					e.walk(a, start, true)
				}
				return false
			}
			if starters[fn.FullName()] {
				e.walk(n.Fun, start, once)
				for _, a := range n.Args {
					e.walk(a, n, once)
				}
				return false
			}
		case *ast.Ident:
			switch obj := info.Uses[n].(type) {
			case *types.Func:
				// What is not called here may be scheduled.
				if start == nil && !e.called[n] {
					e.function(obj, n, once)
					break
				}
				e.function(obj, start, once)
			case *types.Var:
				e.variable(obj.Origin(), start, once)
			}
		}
		return true
	})
}

func (e *edger) function(fn *types.Func, start ast.Node, once bool) {
	if isAbstract(fn) {
		for _, m := range e.p.methods[fn.Name()] {
			if e.p.implements(m, fn) {
				e.add(m, start, once)
			}
		}
		return
	}
	e.add(e.p.decl(fn), start, once)
}

// variable follows the functions that a variable may have.
func (e *edger) variable(v *types.Var, start ast.Node, once bool) {
	if !isFunc(v.Type()) {
		return
	}
	for _, a := range e.p.assigned[v] {
		switch x := ast.Unparen(a.expr).(type) {
		case *ast.FuncLit:
			e.add(e.p.lits[x], start, once)
		default:
			if fn, ok := a.unit.Info.Uses[nameOfOr(x)].(*types.Func); ok {
				e.function(fn, start, once)
			}
		}
	}
}

func isOnce(fn *types.Func) bool {
	switch fn.FullName() {
	case "(*sync.Once).Do", "sync.OnceFunc", "sync.OnceValue", "sync.OnceValues":
		return true
	}
	return false
}

// A route is the way in which a function is reached.
type route struct {
	from *function // the function before it; nil at the beginning
	root *function
}

// spread returns what the roots reach, the nearest way first. Through what
// sync.Once runs it goes only if once is set.
func (p *Program) spread(roots []*function, once bool) map[*function]route {
	reached := map[*function]route{}
	var queue []*function
	for _, r := range roots {
		if _, ok := reached[r]; !ok {
			reached[r] = route{nil, r}
			queue = append(queue, r)
		}
	}
	for len(queue) > 0 {
		fn := queue[0]
		queue = queue[1:]
		for _, e := range p.edgesOf(fn) {
			if _, ok := reached[e.to]; ok || e.once && !once {
				continue
			}
			reached[e.to] = route{fn, reached[fn].root}
			queue = append(queue, e.to)
		}
	}
	return reached
}

// handlers returns the functions of the program that serve requests.
func (p *Program) handlers() (roots []*function) {
	each := func(fn *function) {
		if p.isHandlerFunc(fn) {
			roots = append(roots, fn)
		}
	}
	for _, fn := range p.all {
		each(fn)
	}
	return append(roots, p.functions(p.marked)...)
}

// functions returns the functions of the program that expressions name.
func (p *Program) functions(values []value) (list []*function) {
	for _, v := range values {
		switch x := ast.Unparen(v.expr).(type) {
		case *ast.FuncLit:
			list = append(list, p.lits[x])
		default:
			if fn, ok := v.unit.Info.Uses[nameOfOr(x)].(*types.Func); ok && p.decl(fn) != nil {
				list = append(list, p.decl(fn))
			}
		}
	}
	return list
}

// handled returns which handler reaches fn, as a reason, or "".
func (p *Program) handled(fn *function) string {
	r, ok := p.reached[fn]
	if !ok {
		return ""
	}
	if r.from == nil || r.root.node.Pos() <= fn.node.Pos() && fn.node.End() <= r.root.node.End() {
		if r.root.obj == nil {
			return "it is started by a handler"
		}
		return "it is started by the handler " + r.root.obj.Name()
	}
	name := "a handler"
	if r.root.obj != nil {
		name = r.root.obj.Name()
	}
	via := ""
	for at := r.from; at != nil && at != r.root; at = p.reached[at].from {
		if at.obj != nil {
			via = ", through " + at.name() + via
		}
		if len(via) > 80 {
			via = ", through …" + via
			break
		}
	}
	return "it is reached from " + name + via
}
