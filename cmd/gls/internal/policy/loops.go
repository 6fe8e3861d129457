package policy

import (
	"go/ast"
	"go/types"
)

// loop returns why a for statement may have no end, or nil. What is in it is
// searched by itself.
func (s *search) loop(n *ast.ForStmt, f *frame) *doubt {
	info := f.fn.unit.Info
	if n.Cond != nil && !isTrue(info, n.Cond) {
		if s.progresses(n, f) {
			return nil
		}
		if s.leavesInTime(n, f) || s.computes(n, f) {
			return nil
		}
		return s.lives(f, n.Pos(), "has a loop @ whose condition others decide")
	}
	if s.leavesInTime(n, f) || s.counts(n, f) || s.computes(n, f) {
		return nil
	}
	return s.lives(f, n.Pos(), "has a loop @ that has no bound")
}

// isTrue reports whether a condition is constantly true.
func isTrue(info *types.Info, cond ast.Expr) bool {
	v := info.Types[cond].Value
	return v != nil && v.String() == "true"
}

// ranges returns why a range statement may have no end, or nil.
func (s *search) ranges(n *ast.RangeStmt, f *frame) *doubt {
	t := f.fn.unit.Info.TypeOf(n.X)
	if t == nil {
		return nil
	}
	switch t.Underlying().(type) {
	case *types.Chan:
		if !s.p.boundedChan(n.X, f, drain) {
			return s.lives(f, n.Pos(), "receives in a loop @ from a channel that outlives the request")
		}
	case *types.Signature:
		return s.iterator(n, f)
	case *types.Basic:
		if isHuge(f.fn.unit.Info, n.X) {
			return s.lives(f, n.Pos(), "counts in a loop @ to a number that it does not reach")
		}
	}
	return nil
}

// iterator searches the function that a range statement calls.
func (s *search) iterator(n *ast.RangeStmt, f *frame) *doubt {
	list, ok := s.p.origins(n.X, whole, f)
	if !ok {
		return s.unknown(f, n.Pos(), "goes over a function @ of which nothing is known")
	}
	s.iterating++
	defer func() { s.iterating-- }()
	for _, o := range list {
		if d := s.called(o, n.Pos(), f, nil); d != nil {
			return d
		}
	}
	return nil
}

// inspectFunc calls f for the nodes of a function's body, but not for those of
// function literals in it.
func inspectFunc(body ast.Node, f func(ast.Node)) {
	ast.Inspect(body, func(n ast.Node) bool {
		if _, ok := n.(*ast.FuncLit); ok {
			return false
		}
		if n != nil {
			f(n)
		}
		return true
	})
}
