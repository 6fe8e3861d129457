package policy

import (
	"go/ast"
	"go/types"
)

// converted notes that e is given to a variable, parameter, field or result of
// type to: if that is an interface, methods of e's type are called through it.
func (x *indexer) converted(to types.Type, e ast.Expr) {
	if to == nil || e == nil {
		return
	}
	if isFunc(to) && x.p.isGiven(to) {
		x.p.marked = append(x.p.marked, value{x.u, x.fn, e, whole})
	}
	if !types.IsInterface(to) {
		return
	}
	t := x.u.Info.TypeOf(e)
	if t == nil {
		return
	}
	if types.IsInterface(t) {
		from, own := namedOf(t), namedOf(to)
		if from != nil && own != nil && from.Obj() != own.Obj() && own.Obj().Pkg() != nil && !x.p.isOwn(from.Obj()) {
			x.p.fromOther[own.Obj()] = from.Obj().Name()
		}
		return
	}
	if named := namedOf(t); named != nil && named.Obj().Pkg() != nil {
		x.p.boxed[named.Obj().Pkg().Path()+"."+named.Obj().Name()] = true
	}
}

// isOwn reports whether a type is declared in the program.
func (p *Program) isOwn(t *types.TypeName) bool { return p.isOwnPackage(t.Pkg()) }

func (p *Program) isOwnPackage(pkg *types.Package) bool {
	if p.own == nil {
		p.own = map[*types.Package]bool{}
		for _, u := range p.units {
			p.own[u.Pkg] = true
		}
	}
	return p.own[pkg]
}

// conversions notes what a statement or an expression gives to interfaces.
func (x *indexer) conversions(n ast.Node) {
	info := x.u.Info
	switch n := n.(type) {
	case *ast.CallExpr:
		tv := info.Types[n.Fun]
		if tv.IsType() && len(n.Args) == 1 {
			x.converted(tv.Type, n.Args[0])
			return
		}
		if tv.Type == nil {
			return
		}
		if sig, ok := tv.Type.Underlying().(*types.Signature); ok {
			x.arguments(sig, n)
		}
	case *ast.AssignStmt:
		if len(n.Lhs) == len(n.Rhs) {
			for i, l := range n.Lhs {
				x.converted(info.TypeOf(l), n.Rhs[i])
			}
		}
	case *ast.ValueSpec:
		if n.Type != nil {
			for _, v := range n.Values {
				x.converted(info.TypeOf(n.Type), v)
			}
		}
	case *ast.SendStmt:
		if ch, ok := info.TypeOf(n.Chan).Underlying().(*types.Chan); ok {
			x.converted(ch.Elem(), n.Value)
		}
	case *ast.ReturnStmt:
		x.results(n)
	case *ast.CompositeLit:
		x.elements(n)
	}
}

func (x *indexer) arguments(sig *types.Signature, call *ast.CallExpr) {
	last := sig.Params().Len() - 1
	for i, a := range call.Args {
		switch {
		case sig.Variadic() && i >= last && !call.Ellipsis.IsValid():
			if s, ok := sig.Params().At(last).Type().(*types.Slice); ok {
				x.converted(s.Elem(), a)
			}
		case i <= last:
			x.converted(sig.Params().At(i).Type(), a)
		}
	}
}

func (x *indexer) results(ret *ast.ReturnStmt) {
	if x.fn == nil || x.fn.typ.Results == nil {
		return
	}
	i := 0
	for _, f := range x.fn.typ.Results.List {
		for range max(1, len(f.Names)) {
			if i < len(ret.Results) {
				x.converted(x.u.Info.TypeOf(f.Type), ret.Results[i])
			}
			i++
		}
	}
}

func (x *indexer) elements(lit *ast.CompositeLit) {
	t := x.u.Info.TypeOf(lit)
	if t == nil {
		return
	}
	for i, e := range lit.Elts {
		kv, keyed := e.(*ast.KeyValueExpr)
		if keyed {
			e = kv.Value
		}
		switch u := t.Underlying().(type) {
		case *types.Slice:
			x.converted(u.Elem(), e)
		case *types.Array:
			x.converted(u.Elem(), e)
		case *types.Map:
			x.converted(u.Elem(), e)
		case *types.Struct:
			if !keyed && i < u.NumFields() {
				x.converted(u.Field(i).Type(), e)
			} else if id, ok := kv.Key.(*ast.Ident); ok {
				x.converted(x.u.Info.TypeOf(id), e)
			}
		}
	}
}
