package token

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/cfg"
)

// unused returns a return statement that a path from def reaches without a use
// of v, or nil. Like vet's lostcancel, it takes any use for a Reset: the token
// may be stored, returned, or captured by a function that resets it.
func (c *checker) unused(v *types.Var, def *ast.AssignStmt) *ast.ReturnStmt {
	if c.graph == nil {
		return nil
	}
	for _, b := range c.graph.Blocks {
		for i, n := range b.Nodes {
			if n == def {
				if c.mentions(b.Nodes[i+1:], v) {
					return nil
				}
				if ret := b.Return(); ret != nil {
					return ret
				}
				return c.search(b.Succs, v, map[*cfg.Block]bool{})
			}
		}
	}
	return nil
}

func (c *checker) search(blocks []*cfg.Block, v *types.Var, seen map[*cfg.Block]bool) *ast.ReturnStmt {
	for _, b := range blocks {
		if seen[b] || c.mentions(b.Nodes, v) {
			continue
		}
		seen[b] = true
		if ret := b.Return(); ret != nil {
			return ret
		}
		if ret := c.search(b.Succs, v, seen); ret != nil {
			return ret
		}
	}
	return nil
}

// mentions reports whether one of the nodes uses v, other than to drop it.
func (c *checker) mentions(nodes []ast.Node, v *types.Var) bool {
	found := false
	for _, n := range nodes {
		if a, ok := n.(*ast.AssignStmt); ok && len(a.Lhs) == 1 && len(a.Rhs) == 1 && isBlank(a.Lhs[0]) {
			if id, ok := a.Rhs[0].(*ast.Ident); ok && c.pass.TypesInfo.Uses[id] == v {
				continue
			}
		}
		ast.Inspect(n, func(n ast.Node) bool {
			if id, ok := n.(*ast.Ident); ok && c.pass.TypesInfo.Uses[id] == v {
				found = true
			}
			return !found
		})
	}
	return found
}
