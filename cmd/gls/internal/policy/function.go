package policy

import (
	"go/ast"
	"go/types"

	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
)

// A function is a declared function or a function literal.
type function struct {
	unit  *rewrite.Unit
	node  ast.Node // *ast.FuncDecl or *ast.FuncLit
	typ   *ast.FuncType
	body  *ast.BlockStmt
	obj   *types.Func // nil for a literal
	outer *function   // the function around a literal; nil at package level
	recv  *types.Var
	// params are nil where a parameter has no name.
	params   []*types.Var
	variadic bool
}

// sign sets the parameters of fn.
func (fn *function) sign(recv *ast.FieldList) {
	each := func(list *ast.FieldList, add func(*types.Var)) {
		if list == nil {
			return
		}
		for _, f := range list.List {
			for _, name := range f.Names {
				v, _ := fn.unit.Info.Defs[name].(*types.Var)
				add(v)
			}
			if len(f.Names) == 0 {
				add(nil)
			}
			if _, ok := f.Type.(*ast.Ellipsis); ok {
				fn.variadic = true
			}
		}
	}
	each(recv, func(v *types.Var) { fn.recv = v })
	each(fn.typ.Params, func(v *types.Var) { fn.params = append(fn.params, v) })
}

// funcOf returns the innermost function on a path.
func (p *Program) funcOf(path []ast.Node, u *rewrite.Unit) *function {
	for i := len(path) - 1; i >= 0; i-- {
		switch n := path[i].(type) {
		case *ast.FuncLit:
			return p.lits[n]
		case *ast.FuncDecl:
			if obj, ok := u.Info.Defs[n.Name].(*types.Func); ok {
				if d := p.decls[p.key(obj)]; d != nil && d.node == ast.Node(n) {
					return d
				}
				// The same function in another variant of the package.
				fn := &function{unit: u, node: n, typ: n.Type, body: n.Body, obj: obj}
				fn.sign(n.Recv)
				return fn
			}
		}
	}
	return nil
}

// top returns the declaration, or the literal at package level, around fn.
func (fn *function) top() *function {
	for fn.outer != nil {
		fn = fn.outer
	}
	return fn
}

// name returns what people call fn.
func (fn *function) name() string {
	if fn.obj == nil {
		if fn.outer == nil {
			return "a function literal"
		}
		return "a function literal in " + fn.top().name()
	}
	if fn.recv != nil {
		if named := namedOf(fn.recv.Type()); named != nil {
			return named.Obj().Name() + "." + fn.obj.Name()
		}
	}
	return fn.obj.Name()
}

func namedOf(t types.Type) *types.Named {
	t = types.Unalias(t)
	if ptr, ok := t.(*types.Pointer); ok {
		t = types.Unalias(ptr.Elem())
	}
	named, _ := t.(*types.Named)
	return named
}
