package policy

import (
	"go/ast"

	"github.com/seed18162548/contextvars/cmd/gls/internal/handoff"
)

// handedOver returns why what a handoff runs cannot be shown to end.
func (p *Program) handedOver(h handoff.Handoff, f *frame, path []ast.Node) *doubt {
	s := &search{p: p}
	call, _ := h.Node.(*ast.CallExpr)
	switch h.By.Func {
	case "time.AfterFunc", spawnPath + ".AfterFunc":
		if d := p.setAgain(call, f.fn, path); d != nil {
			return d
		}
		for _, fn := range p.mentioned(h.Fn, f.fn) {
			if d := p.resetsTimer(fn); d != nil {
				return d
			}
		}
	case "context.AfterFunc", spawnPath + ".ContextAfterFunc":
		if !p.boundedContext(call.Args[0], f) {
			return s.lives(f, call.Pos(), "runs at the end of a context @ that outlives the request")
		}
	}
	return s.value(h.Fn, f)
}

// mentioned returns the functions of the program that an expression of fn
// names.
func (p *Program) mentioned(n ast.Node, fn *function) (list []*function) {
	e := edger{p: p, fn: fn, seen: map[edge]bool{}, called: map[*ast.Ident]bool{}}
	e.walk(n, nil, false)
	for _, x := range e.list {
		list = append(list, x.to)
	}
	return list
}

// joined reports whether the function fn surely waits for what the go
// statement, or the call, starts.
func (p *Program) joined(node ast.Node, fn *function) bool {
	if is, ok := p.joins[node]; ok {
		return is
	}
	p.joins[node] = false
	f := &frame{fn: fn}
	ast.PreorderStack(fn.body, nil, func(n ast.Node, stack []ast.Node) bool {
		if n != node {
			return true
		}
		s := &start{f: f, node: node, stack: append([]ast.Node(nil), stack...), tells: map[string]*signal{}}
		switch n := n.(type) {
		case *ast.GoStmt:
			s.tells = p.signals(p.target(n.Call, f))
		case *ast.CallExpr:
			if on := p.path(receiver(n), f); on != "" {
				s.tells[on] = &signal{done: last}
			}
		}
		sure, _ := p.waited(s, 0)
		p.joins[node] = sure != nil
		return false
	})
	return p.joins[node]
}

// resetsTimer returns a doubt if fn, or what it calls, sets a timer again that
// it has not made.
func (p *Program) resetsTimer(fn *function) (found *doubt) {
	for reached := range p.spread([]*function{fn}, true) {
		ast.Inspect(reached.body, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok || found != nil {
				return found == nil
			}
			obj := calleeOf(reached.unit.Info, call)
			if obj == nil || obj.FullName() != "(*time.Timer).Reset" {
				return true
			}
			list, ok := p.origins(receiver(call), whole, &frame{fn: reached})
			for _, o := range list {
				made, _ := ast.Unparen(o.expr).(*ast.CallExpr)
				if made == nil || o.at.fn == nil {
					ok = false
					continue
				}
				by := calleeOf(o.at.fn.unit.Info, made)
				ok = ok && by != nil && by.FullName() == "time.NewTimer"
			}
			if !ok || len(list) == 0 {
				found = &doubt{unit: reached.unit, pos: call.Pos(), what: "sets a timer again @", lives: true}
			}
			return found == nil
		})
	}
	return found
}
