package policy

import (
	"go/ast"
	"go/types"
)

// An origin is what an expression is made of, as far as it can be followed.
type origin struct {
	expr ast.Expr
	at   *frame
	part part
}

// maxFollow bounds how far values and calls are followed.
const maxFollow = 12

// origins returns where the value of e, a part of it, comes from: all the
// expressions that it may be. It reports whether these are all.
func (p *Program) origins(e ast.Expr, w part, f *frame) (list []origin, ok bool) {
	t := tracer{p: p, seen: map[*types.Var]bool{}, ok: true}
	t.trace(e, w, f, 0)
	return t.list, t.ok
}

type tracer struct {
	p    *Program
	seen map[*types.Var]bool
	list []origin
	ok   bool
	// steps bounds the search: every call of a function can be one, and each
	// passes something that comes from all calls of another.
	steps int
}

const maxTrace = 400

func (t *tracer) leaf(e ast.Expr, w part, f *frame) { t.list = append(t.list, origin{e, f, w}) }

func (t *tracer) trace(e ast.Expr, w part, f *frame, depth int) {
	t.steps++
	if t.steps > maxTrace {
		t.ok = false
		if t.steps == maxTrace+1 {
			t.leaf(e, w, f)
		}
		return
	}
	if depth > maxFollow || f == nil || f.fn == nil {
		t.leaf(e, w, f)
		t.ok = t.ok && depth <= maxFollow
		return
	}
	info := f.fn.unit.Info
	e = ast.Unparen(e)
	switch x := e.(type) {
	case *ast.CallExpr:
		if tv := info.Types[x.Fun]; tv.IsType() && len(x.Args) == 1 {
			t.trace(x.Args[0], w, f, depth+1)
			return
		}
		if fn := calleeOf(info, x); fn != nil && w != element {
			if d := t.p.decl(fn); d != nil {
				t.returned(d, max(w, 0), &frame{fn: d, up: f, call: x, recv: receiver(x)}, depth)
				return
			}
			if isAbstract(fn) && fn.Pkg() != nil && !standard(fn.Pkg().Path()) && t.p.elsewhere(fn) == "" {
				found := false
				for _, m := range t.p.methods[fn.Name()] {
					if m.body != nil && t.p.implements(m, fn) {
						found = true
						t.returned(m, max(w, 0), &frame{fn: m, up: f, call: x}, depth)
					}
				}
				if found {
					return
				}
			}
		}
	case *ast.Ident, *ast.SelectorExpr:
		if v := variableOf(info, e); v != nil {
			t.variable(v, e, w, f, depth)
			return
		}
	case *ast.CompositeLit:
		if w == element {
			for _, elt := range x.Elts {
				if kv, ok := elt.(*ast.KeyValueExpr); ok {
					elt = kv.Value
				}
				t.trace(elt, whole, f, depth+1)
			}
			return
		}
	}
	t.leaf(e, w, f)
}

// returned follows what a function returns.
func (t *tracer) returned(d *function, result part, g *frame, depth int) {
	inspectFunc(d.body, func(n ast.Node) {
		ret, ok := n.(*ast.ReturnStmt)
		switch {
		case !ok:
		case len(ret.Results) == 0:
			t.ok = false // it returns what its named results have
		case int(result) < len(ret.Results) && (len(ret.Results) > 1 || result == 0):
			t.trace(ret.Results[result], whole, g, depth+1)
		default:
			t.trace(ret.Results[0], result, g, depth+1)
		}
	})
}

func (t *tracer) variable(v *types.Var, e ast.Expr, w part, f *frame, depth int) {
	if t.seen[v] {
		return
	}
	t.seen[v] = true
	defer delete(t.seen, v)
	if v.IsField() || v.Parent() != nil && v.Pkg() != nil && v.Parent() == v.Pkg().Scope() {
		t.shared(v, e, w, f, depth)
		return
	}
	g, param := f.owner(v)
	if g == nil {
		t.leaf(e, w, f)
		t.ok = false
		return
	}
	given := t.p.assigned[v]
	for _, a := range given {
		next := a.part
		if w == element && next == whole {
			next = element
		} else if next == whole {
			next = w
		}
		t.trace(a.expr, next, g.within(a.fn), depth+1)
	}
	if t.p.addressed[v] && isFunc(v.Type()) {
		t.ok = false
	}
	switch {
	case param == whole && len(given) == 0:
		t.leaf(e, w, g)
	case param == element:
		t.receiver(e, w, g, depth)
	case param >= 0:
		t.parameter(int(param), e, w, g, depth)
	}
}

// shared follows a field or package-level variable: a function can be any that
// is assigned to it; anything else is left.
func (t *tracer) shared(v *types.Var, e ast.Expr, w part, f *frame, depth int) {
	given := t.p.assigned[v]
	if !isFunc(v.Type()) || len(given) == 0 || v.Exported() && !t.p.complete || t.p.addressed[v] {
		t.leaf(e, w, f)
		return
	}
	for _, a := range given {
		t.trace(a.expr, a.part, &frame{fn: a.fn}, depth+1)
	}
}

func (t *tracer) receiver(e ast.Expr, w part, g *frame, depth int) {
	if g.up != nil && g.recv != nil {
		t.trace(g.recv, w, g.up, depth+1)
		return
	}
	t.leaf(e, w, g)
}

// parameter follows a parameter to the arguments: of the call that led here, or
// of all calls.
func (t *tracer) parameter(i int, e ast.Expr, w part, g *frame, depth int) {
	if g.call != nil {
		t.argument(i, e, w, g.fn, g.call, g.up, depth)
		return
	}
	sites, ok := t.p.sites(g.fn)
	if !ok {
		t.leaf(e, w, g)
		t.ok = false
		return
	}
	for _, s := range sites {
		t.argument(i, e, w, g.fn, s.call, &frame{fn: s.fn}, depth)
	}
}

func (t *tracer) argument(i int, e ast.Expr, w part, fn *function, call *ast.CallExpr, at *frame, depth int) {
	last := len(fn.params) - 1
	switch {
	case fn.variadic && i == last && !call.Ellipsis.IsValid():
		for _, a := range call.Args[min(last, len(call.Args)):] {
			t.trace(a, whole, at, depth+1)
		}
	case i < len(call.Args) && len(call.Args) > 1 || len(call.Args) == 1 && len(fn.params) == 1:
		t.trace(call.Args[i], w, at, depth+1)
	case len(call.Args) == 1 && len(fn.params) > 1:
		t.trace(call.Args[0], part(i), at, depth+1)
	default:
		t.leaf(e, w, &frame{fn: fn})
		t.ok = false
	}
}

func receiver(call *ast.CallExpr) ast.Expr {
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok {
		return sel.X
	}
	return nil
}
