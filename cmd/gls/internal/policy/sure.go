package policy

import (
	"fmt"
	"go/ast"
	"go/types"
)

// A start is a statement that starts a goroutine, as the function that has it
// sees it.
type start struct {
	f     *frame     // that function
	node  ast.Node   // the statement, or the call
	stack []ast.Node // from the function's body to it
	tells map[string]*signal
}

// waited returns the wait after which the goroutine has surely ended, or nil;
// and one that may be passed by, or that is for less than its end, or nil.
func (p *Program) waited(s *start, depth int) (sure, any *wait) {
	waits := p.waits(s.f)
	for i := range waits {
		w := &waits[i]
		sig := s.tells[w.on]
		if sig == nil {
			continue
		}
		if any == nil && w.node.Pos() > s.node.Pos() || w.deferred || inLoop(s.stack) {
			any = w
		}
		if p.final(sig, w, s) && passes(s, w.node, w.stack, w.deferred) || w.kind == receives && p.gathered(w, s) {
			return w, w
		}
	}
	if depth < 2 {
		if w := p.closed(s, depth); w != nil {
			return w, w
		}
	}
	if any == nil {
		any = p.waitedAround(s)
	}
	return nil, any
}

// final reports whether w waits for a last act of the goroutine, and for nobody
// else's.
func (p *Program) final(sig *signal, w *wait, s *start) bool {
	switch w.kind {
	case groups:
		return sig.done == last && !p.changes(w.x, s.f) && p.added(w, s)
	case drains:
		return sig.closes == last && !hasExit(w.node.(*ast.RangeStmt).Body) && p.keeps(w, s) && !p.others(w.on, s, true)
	case receives:
		if sig.closes == early || sig.sends == early || sig.sends == never && sig.closes == never {
			return false
		}
		return sameLoops(s.stack, w.stack) && p.keeps(w, s) && !p.others(w.on, s, false)
	}
	return false
}

// keeps reports whether the channel that w waits for is a variable that does
// not leave the function that has it.
func (p *Program) keeps(w *wait, s *start) bool {
	v, g := p.variable(w.x, s.f)
	if v == nil || len(p.assigned[v]) > 1 {
		return false
	}
	_, stays := p.usageOf(v, g)
	return stays
}

// others reports whether anything but the goroutine of s sends on the channel,
// or closes it, in the function that starts it; or might, as it gets the
// channel.
func (p *Program) others(on string, s *start, onlyClose bool) bool {
	info := s.f.fn.unit.Info
	found := false
	visit := func(f *frame, body ast.Node) {
		ast.Inspect(body, func(n ast.Node) bool {
			if n == s.node || found {
				return false
			}
			switch n := n.(type) {
			case *ast.SendStmt:
				found = !onlyClose && p.path(n.Chan, f) == on
			case *ast.CallExpr:
				b, builtin := info.Uses[nameOfOr(n.Fun)].(*types.Builtin)
				for _, a := range n.Args {
					t := info.TypeOf(a)
					if t == nil || !isChan(t) || p.path(a, f) != on || builtin && b.Name() != "close" {
						continue
					}
					found = found || builtin || !onlyClose && canSend(info, n, a)
				}
			}
			return !found
		})
	}
	top := s.f
	for top.around() != nil {
		top = top.around()
	}
	visit(s.f, top.fn.body)
	return found || !p.isLocal(on, top)
}

// isLocal reports whether a path is that of a variable of the function, or a
// field of one: its name is that of the variable alone.
func (p *Program) isLocal(on string, top *frame) bool {
	found := false
	info := top.fn.unit.Info
	ast.Inspect(top.fn.node, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if v, ok := info.Defs[id].(*types.Var); ok && fmt.Sprintf("%p", v) == on {
				found = true
			}
		}
		return !found
	})
	return found
}

// canSend reports whether the parameter for a is of a type that can be sent on.
func canSend(info *types.Info, call *ast.CallExpr, a ast.Expr) bool {
	sig, ok := info.TypeOf(call.Fun).Underlying().(*types.Signature)
	if !ok {
		return true
	}
	for i, arg := range call.Args {
		if arg == a && i < sig.Params().Len() {
			ch, ok := sig.Params().At(i).Type().Underlying().(*types.Chan)
			return !ok || ch.Dir() != types.RecvOnly
		}
	}
	return true
}

// closed returns the wait for another goroutine of the function that itself
// waits for this one and then says so: the closer of a fan-out.
func (p *Program) closed(s *start, depth int) (found *wait) {
	ast.PreorderStack(s.f.fn.body, nil, func(n ast.Node, stack []ast.Node) bool {
		if found != nil {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.GoStmt:
			lit, ok := ast.Unparen(n.Call.Fun).(*ast.FuncLit)
			if !ok || ast.Node(n) == s.node {
				return false
			}
			g := &frame{fn: p.lits[lit], up: s.f, call: n.Call, lex: s.f}
			for _, w := range p.waits(g) {
				sig := s.tells[w.on]
				if sig == nil || w.kind != groups || sig.done != last || len(w.stack) > 2 {
					continue
				}
				closer := &start{f: s.f, node: n, stack: append([]ast.Node(nil), stack...), tells: p.signals(g)}
				if sure, _ := p.waited(closer, depth+1); sure != nil && passes(s, n, closer.stack, false) {
					found = sure
				}
			}
			return false
		}
		return true
	})
	return found
}

// waitedAround returns a wait in a function around, or in a literal of the same
// function.
func (p *Program) waitedAround(s *start) *wait {
	top := s.f
	for top.around() != nil {
		top = top.around()
	}
	var found *wait
	look := func(f *frame) {
		for _, w := range p.waits(f) {
			if found == nil && s.tells[w.on] != nil {
				w := w
				found = &w
			}
		}
	}
	look(top)
	ast.Inspect(top.fn.body, func(n ast.Node) bool {
		if lit, ok := n.(*ast.FuncLit); ok && found == nil && !contains(s.node, lit) {
			look(top.within(p.lits[lit]))
		}
		return found == nil
	})
	return found
}

func contains(outer, inner ast.Node) bool {
	return outer.Pos() <= inner.Pos() && inner.End() <= outer.End()
}

// added reports whether the goroutine is counted before it is started: a Wait
// passes by one that calls Add itself. A group of others may be counted there.
func (p *Program) added(w *wait, s *start) bool {
	info := s.f.fn.unit.Info
	if _, isGo := s.node.(*ast.GoStmt); !isGo {
		return true // WaitGroup.Go and its like count
	}
	if t := info.TypeOf(w.x); t == nil || types.TypeString(pointee(t), nil) != "sync.WaitGroup" {
		return true
	}
	v, g := p.variable(w.x, s.f)
	if v == nil {
		return true
	}
	counted, passed := false, false
	ast.Inspect(g.fn.body, func(n ast.Node) bool {
		if n == s.node || counted {
			return false
		}
		call, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr)
		counted = ok && sel.Sel.Name == "Add" && variableOf(info, sel.X) == v
		for _, a := range call.Args {
			if u, ok := ast.Unparen(a).(*ast.UnaryExpr); ok {
				a = u.X
			}
			passed = passed || variableOf(info, a) == v
		}
		return true
	})
	return counted || passed
}

// changes reports whether the variable that x begins with, if it is one of the
// function, is assigned to after it has been declared: then two uses can be of
// two groups.
func (p *Program) changes(x ast.Expr, f *frame) bool {
	for {
		switch e := ast.Unparen(x).(type) {
		case *ast.SelectorExpr:
			x = e.X
			continue
		case *ast.UnaryExpr:
			x = e.X
			continue
		case *ast.Ident:
			v := variableOf(f.fn.unit.Info, e)
			return v != nil && len(p.assigned[v]) > 1
		}
		return false
	}
}
