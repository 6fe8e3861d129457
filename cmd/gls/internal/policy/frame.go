package policy

import (
	"go/ast"
	"go/types"
)

// A frame is a function that is being searched, and the call that led there.
// The value of a parameter is then known: it is the argument of that call.
type frame struct {
	fn   *function
	up   *frame        // the caller; nil where the search begins
	call *ast.CallExpr // in up
	recv ast.Expr      // the receiver, in up
	lex  *frame        // for a literal: the function around it
}

// depth returns the number of calls that lead to f.
func (f *frame) depth() (n int) {
	for ; f != nil; f = f.up {
		n++
	}
	return n
}

// around returns the frame of the function around a literal.
func (f *frame) around() *frame {
	if f.lex == nil && f.fn.outer != nil {
		f.lex = &frame{fn: f.fn.outer}
	}
	return f.lex
}

// owner returns the frame whose function declares v, and the number of the
// parameter that it is there: whole if it is none, and element for the
// receiver.
func (f *frame) owner(v *types.Var) (g *frame, param part) {
	for g = f; g != nil && g.fn != nil; g = g.around() {
		if g.fn.recv == v && v != nil {
			return g, element
		}
		for i, q := range g.fn.params {
			if q == v {
				return g, part(i)
			}
		}
		if n := g.fn.node; n.Pos() <= v.Pos() && v.Pos() < n.End() {
			return g, whole
		}
	}
	return nil, whole
}

// within returns the frame of fn, a function around, of, or inside f's.
func (f *frame) within(fn *function) *frame {
	for g := f; g != nil; g = g.around() {
		if g.fn == fn {
			return g
		}
	}
	if fn == nil || fn.outer == nil {
		return &frame{fn: fn}
	}
	return &frame{fn: fn, lex: f.within(fn.outer)}
}

// sites returns all calls of fn, and whether these are all.
func (p *Program) sites(fn *function) (sites []site, ok bool) {
	if fn.obj == nil {
		v := p.bound[fn.node]
		if v == nil || len(p.assigned[v]) > 1 {
			return nil, false
		}
		return p.through[v], len(p.through[v]) > 0
	}
	key := p.key(fn.obj)
	sites = p.callers[key]
	if fn.recv != nil {
		for _, m := range p.abstract[fn.obj.Name()] {
			if p.implements(fn, m) {
				sites = append(sites[:len(sites):len(sites)], p.callers[p.key(m)]...)
			}
		}
	}
	return sites, len(sites) > 0 && !p.values[key] && (p.complete || !fn.obj.Exported())
}

func nameOfOr(fun ast.Expr) *ast.Ident {
	if id := nameOf(fun); id != nil {
		return id
	}
	return new(ast.Ident)
}

func isFunc(t types.Type) bool {
	_, ok := t.Underlying().(*types.Signature)
	return ok
}
