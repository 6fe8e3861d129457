package policy

import (
	"go/ast"
	"go/types"
)

// restarts returns why the function that is started ends only to be started
// again, by itself or by what it calls; or nil.
func (p *Program) restarts(fn *function) *doubt {
	type at struct {
		fn      *function
		started bool
	}
	from := map[at]edge{}
	queue := []at{{fn, false}}
	for len(queue) > 0 {
		here := queue[0]
		queue = queue[1:]
		for _, e := range p.edgesOf(here.fn) {
			next := at{e.to, here.started || e.start != nil}
			if _, ok := from[next]; ok || e.start != nil && p.joined(e.start, here.fn) {
				continue
			}
			from[next] = e
			if e.to == fn && next.started {
				pos := fn.node.Pos()
				if e.start != nil {
					pos = e.start.Pos()
				}
				return &doubt{unit: here.fn.unit, pos: pos, what: "starts itself again @", lives: true}
			}
			queue = append(queue, next)
		}
	}
	return nil
}

// setAgain returns why the timer that a call of AfterFunc makes may be set
// again, or nil. The path leads to the call.
func (p *Program) setAgain(call *ast.CallExpr, fn *function, path []ast.Node) *doubt {
	info := fn.unit.Info
	again := func(key types.Object) *doubt {
		if s, ok := p.resets[key]; ok {
			return &doubt{unit: s.unit, pos: s.call.Pos(), what: "is run by a timer that is set again @", lives: true}
		}
		return nil
	}
	if len(path) == 0 {
		return nil
	}
	var kept *types.Var
	switch n := path[len(path)-1].(type) {
	case *ast.ExprStmt:
		return nil
	case *ast.AssignStmt:
		for i, r := range n.Rhs {
			if ast.Unparen(r) == ast.Expr(call) && i < len(n.Lhs) {
				if id, ok := n.Lhs[i].(*ast.Ident); ok && id.Name == "_" {
					return nil
				}
				kept = variableOf(info, n.Lhs[i])
			}
		}
	case *ast.ValueSpec:
		for i, r := range n.Values {
			if ast.Unparen(r) == ast.Expr(call) && i < len(n.Names) {
				kept = variableOf(info, n.Names[i])
			}
		}
	case *ast.SelectorExpr:
		if n.Sel.Name == "Stop" {
			return nil
		}
	case *ast.KeyValueExpr:
		if id, ok := n.Key.(*ast.Ident); ok {
			kept, _ = info.Uses[id].(*types.Var)
		}
	}
	if kept != nil && !kept.IsField() && kept.Pkg() != nil && kept.Parent() != kept.Pkg().Scope() {
		return again(kept)
	}
	if kept != nil {
		if d := again(kept.Origin()); d != nil {
			return d
		}
	}
	return &doubt{unit: fn.unit, pos: call.Pos(), what: "is run by a timer that is kept @, so that others can set it again", lives: true}
}
