package policy

import (
	"go/ast"
	"go/token"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
)

// index enters the calls, assignments and literals of a package.
func (p *Program) index(u *rewrite.Unit) {
	for _, f := range u.Files {
		x := indexer{p: p, u: u, called: map[*ast.Ident]bool{}}
		for _, d := range f.Decls {
			x.fn = nil
			if d, ok := d.(*ast.FuncDecl); ok {
				if obj, ok := u.Info.Defs[d.Name].(*types.Func); ok {
					x.fn = p.decls[p.key(obj)]
					if x.fn != nil && x.fn.node != ast.Node(d) {
						x.fn = &function{unit: u, node: d, typ: d.Type, body: d.Body, obj: obj}
						x.fn.sign(d.Recv)
					}
				}
			}
			ast.Inspect(d, x.visit)
		}
	}
}

// An indexer walks over one file.
type indexer struct {
	p      *Program
	u      *rewrite.Unit
	fn     *function
	called map[*ast.Ident]bool // names in the place of a called function
}

func (x *indexer) visit(n ast.Node) bool {
	if n != nil {
		x.conversions(n)
	}
	switch n := n.(type) {
	case *ast.FuncLit:
		fn := &function{unit: x.u, node: n, typ: n.Type, body: n.Body, outer: x.fn}
		fn.sign(nil)
		x.p.lits[n] = fn
		x.p.all = append(x.p.all, fn)
		inner := *x
		inner.fn = fn
		ast.Inspect(n.Type, inner.visit)
		ast.Inspect(n.Body, inner.visit)
		return false
	case *ast.CallExpr:
		x.call(n)
	case *ast.Ident:
		x.ident(n)
	case *ast.AssignStmt:
		for i, l := range n.Lhs {
			x.assign(l, n.Rhs, i)
		}
	case *ast.ValueSpec:
		for i, name := range n.Names {
			if len(n.Values) > 0 {
				x.assign(name, n.Values, i)
			}
		}
	case *ast.RangeStmt:
		for i, e := range []ast.Expr{n.Key, n.Value} {
			if v := x.variableOr(e); v != nil {
				x.p.ranged[v] = true
			}
			if e != nil && (i == 1 || isChan(x.u.Info.TypeOf(n.X))) {
				x.give(e, n.X, element)
			}
		}
	case *ast.UnaryExpr:
		if v := x.variable(n.X); v != nil && n.Op == token.AND {
			x.p.addressed[v] = true
		}
	case *ast.CompositeLit:
		x.composite(n)
	case *ast.StructType:
		for _, f := range n.Fields.List {
			if len(f.Names) == 0 {
				if named := namedOf(x.u.Info.TypeOf(f.Type)); named != nil {
					x.p.embedded[named.Obj()] = true
				}
			}
		}
	}
	return true
}

func (x *indexer) ident(id *ast.Ident) {
	if obj, ok := x.u.Info.Uses[id].(*types.Func); ok && !x.called[id] {
		x.p.values[x.p.key(obj)] = true
	}
	if v, ok := x.u.Info.Defs[id].(*types.Var); ok && x.fn != nil && !v.IsField() {
		switch v.Type().Underlying().(type) {
		case *types.Chan, *types.Struct, *types.Pointer, *types.Signature, *types.Interface:
			x.p.home[v] = x.fn
		}
	}
}

func (x *indexer) call(call *ast.CallExpr) {
	if lit, ok := ast.Unparen(call.Fun).(*ast.FuncLit); ok {
		x.p.called[lit] = true
	} else if keepsNone(x.u.Info, call) {
		for _, a := range call.Args {
			if lit, ok := ast.Unparen(a).(*ast.FuncLit); ok {
				x.p.called[lit] = true
			}
		}
	}
	id := nameOf(call.Fun)
	if id == nil {
		return
	}
	at := site{x.u, x.fn, call}
	switch obj := x.u.Info.Uses[id].(type) {
	case *types.Func:
		x.called[id] = true
		key := x.p.key(obj)
		if isAbstract(obj) && len(x.p.callers[key]) == 0 {
			x.p.abstract[obj.Name()] = append(x.p.abstract[obj.Name()], obj)
		}
		x.p.callers[key] = append(x.p.callers[key], at)
		x.known(obj, at)
	case *types.Var:
		x.p.through[obj] = append(x.p.through[obj], at)
	}
}

// known notes calls of functions that mean something to the policy.
func (x *indexer) known(obj *types.Func, at site) {
	switch name := obj.FullName(); name {
	case "(*time.Timer).Reset":
		var timer types.Object
		if sel, ok := ast.Unparen(at.call.Fun).(*ast.SelectorExpr); ok {
			if v := x.variable(sel.X); v != nil {
				timer = v
			}
		}
		x.p.resets[timer] = at
	case "(*sync.Once).Do", "sync.OnceFunc", "sync.OnceValue", "sync.OnceValues":
		if len(at.call.Args) == 1 {
			x.p.onces = append(x.p.onces, value{x.u, x.fn, at.call.Args[0], whole})
		}
	default:
		if i := serverArgument(obj); i >= 0 && i < len(at.call.Args) {
			x.p.served = append(x.p.served, value{x.u, x.fn, at.call.Args[i], part(i)})
		}
	}
}

func (x *indexer) assign(l ast.Expr, rhs []ast.Expr, i int) {
	if call, ok := ast.Unparen(rhs[0]).(*ast.CallExpr); ok && len(rhs) == 1 {
		if v := x.variable(l); v != nil {
			x.p.taken[callResult{call, i}] = v
		}
	}
	if len(rhs) == 1 && i >= 0 && !(i == 0 && isSingle(x.u.Info.TypeOf(rhs[0]))) {
		x.give(l, rhs[0], part(i))
	} else if i < len(rhs) {
		x.give(l, rhs[i], whole)
	}
}

func isSingle(t types.Type) bool {
	_, tuple := t.(*types.Tuple)
	return !tuple
}

// give notes that the variable or field l gets a part of e.
func (x *indexer) give(l, e ast.Expr, p part) {
	if v := x.variable(l); v != nil {
		x.put(v, e, p)
	}
}

func (x *indexer) put(v *types.Var, e ast.Expr, p part) {
	if _, basic := v.Type().Underlying().(*types.Basic); !basic {
		x.p.assigned[v] = append(x.p.assigned[v], value{x.u, x.fn, e, p})
		if lit, ok := ast.Unparen(e).(*ast.FuncLit); ok && !v.IsField() && x.fn != nil {
			x.p.bound[lit] = v
		}
	}
}

func (x *indexer) composite(lit *ast.CompositeLit) {
	t := x.u.Info.TypeOf(lit)
	if t == nil {
		return
	}
	if ptr, ok := t.Underlying().(*types.Pointer); ok {
		t = ptr.Elem()
	}
	st, ok := t.Underlying().(*types.Struct)
	if !ok {
		return
	}
	for i, e := range lit.Elts {
		if kv, ok := e.(*ast.KeyValueExpr); ok {
			if id, ok := kv.Key.(*ast.Ident); ok {
				if v, ok := x.u.Info.Uses[id].(*types.Var); ok {
					x.put(v.Origin(), kv.Value, whole)
				}
			}
		} else if i < st.NumFields() {
			x.put(st.Field(i).Origin(), e, whole)
		}
	}
}

// variable returns the variable or field that e names, or nil.
func (x *indexer) variable(e ast.Expr) *types.Var { return variableOf(x.u.Info, e) }

func (x *indexer) variableOr(e ast.Expr) *types.Var {
	if e == nil {
		return nil
	}
	return x.variable(e)
}

func variableOf(info *types.Info, e ast.Expr) *types.Var {
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		v, _ := info.ObjectOf(e).(*types.Var)
		if v != nil {
			return v.Origin()
		}
	case *ast.SelectorExpr:
		return variableOf(info, e.Sel)
	}
	return nil
}

// calleeOf returns the function or method that a call calls by its name, or
// nil.
func calleeOf(info *types.Info, call *ast.CallExpr) *types.Func {
	fn, _ := typeutil.Callee(info, call).(*types.Func)
	return fn
}

// nameOf returns the name in a call's function: f of f(), x.f() and f[T]().
func nameOf(fun ast.Expr) *ast.Ident {
	switch f := ast.Unparen(fun).(type) {
	case *ast.Ident:
		return f
	case *ast.SelectorExpr:
		return f.Sel
	case *ast.IndexExpr:
		return nameOf(f.X)
	case *ast.IndexListExpr:
		return nameOf(f.X)
	}
	return nil
}

func isChan(t types.Type) bool {
	if t == nil {
		return false
	}
	_, ok := t.Underlying().(*types.Chan)
	return ok
}
