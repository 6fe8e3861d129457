package policy

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"math"
)

// progresses reports whether the condition of a loop comes false by what the
// loop itself does.
func (s *search) progresses(n *ast.ForStmt, f *frame) bool {
	info := f.fn.unit.Info
	for _, c := range conjuncts(n.Cond) {
		switch c := ast.Unparen(c).(type) {
		case *ast.BinaryExpr:
			if s.advances(c, n, f) {
				return true
			}
			if isNil(info, c.Y) && c.Op == token.EQL {
				if call, ok := ast.Unparen(c.X).(*ast.CallExpr); ok && isErrOf(info, call) && s.p.boundedContext(receiver(call), f) {
					return true
				}
			}
		case *ast.CallExpr:
			if s.iterates(c, f) {
				return true
			}
		}
	}
	return false
}

func conjuncts(e ast.Expr) []ast.Expr {
	if b, ok := ast.Unparen(e).(*ast.BinaryExpr); ok && b.Op == token.LAND {
		return append(conjuncts(b.X), conjuncts(b.Y)...)
	}
	return []ast.Expr{e}
}

func isNil(info *types.Info, e ast.Expr) bool { return info.Types[e].IsNil() }

// isErrOf reports whether call is ctx.Err().
func isErrOf(info *types.Info, call *ast.CallExpr) bool {
	fn, ok := info.Uses[nameOfOr(call.Fun)].(*types.Func)
	return ok && fn.Name() == "Err" && isContext(info.TypeOf(receiver(call)))
}

// advances reports whether the loop steps a variable of its function that is
// compared: a counter, a list's element, or something with a length.
func (s *search) advances(c *ast.BinaryExpr, n *ast.ForStmt, f *frame) bool {
	switch c.Op {
	case token.LSS, token.LEQ, token.GTR, token.GEQ, token.NEQ, token.EQL:
	default:
		return false
	}
	info := f.fn.unit.Info
	compared := map[*types.Var]bool{}
	clock := false
	ast.Inspect(c, func(m ast.Node) bool {
		if call, ok := m.(*ast.CallExpr); ok {
			fn, _ := info.Uses[nameOfOr(call.Fun)].(*types.Func)
			clock = clock || fn != nil && (fn.FullName() == "time.Since" || fn.FullName() == "time.Until")
		}
		if id, ok := m.(*ast.Ident); ok {
			if v, ok := info.Uses[id].(*types.Var); ok && !v.IsField() && v.Pkg() != nil && v.Parent() != v.Pkg().Scope() {
				compared[v] = true
			}
		}
		return true
	})
	if clock {
		return true
	}
	if isHuge(info, c.X) || isHuge(info, c.Y) {
		return false
	}
	found, reset := false, false
	step := func(m ast.Node) {
		switch m := m.(type) {
		case *ast.IncDecStmt:
			if v, _ := identVar(info, m.X); v != nil && compared[v] {
				found = found || s.towards(c, v, m.Tok == token.INC, info)
			}
		case *ast.AssignStmt:
			for i, l := range m.Lhs {
				v, _ := identVar(info, l)
				switch {
				case v == nil || !compared[v]:
				case m.Tok == token.ADD_ASSIGN, m.Tok == token.MUL_ASSIGN, m.Tok == token.SHL_ASSIGN:
					found = found || s.towards(c, v, true, info)
				case m.Tok != token.ASSIGN && m.Tok != token.DEFINE:
					found = found || s.towards(c, v, false, info)
				case m.Tok == token.ASSIGN && i < len(m.Rhs) && s.isStep(m.Rhs[i], v, f):
					found = true
				default:
					reset = true // it gets a value from elsewhere
				}
			}
		case *ast.UnaryExpr:
			if v, _ := identVar(info, m.X); m.Op == token.AND && v != nil && compared[v] {
				reset = true
			}
		}
	}
	ast.Inspect(n.Body, func(m ast.Node) bool {
		step(m)
		return true
	})
	if n.Post != nil {
		step(n.Post)
	}
	return found && !reset
}

// towards reports whether a greater, or less, value of v brings a comparison
// closer to being false.
func (s *search) towards(c *ast.BinaryExpr, v *types.Var, up bool, info *types.Info) bool {
	left := false
	ast.Inspect(c.X, func(m ast.Node) bool {
		if id, ok := m.(*ast.Ident); ok && info.Uses[id] == v {
			left = true
		}
		return true
	})
	switch c.Op {
	case token.LSS, token.LEQ:
		return left == up
	case token.GTR, token.GEQ:
		return left != up
	}
	return true
}

// isHuge reports whether e is a constant that no counter reaches.
func isHuge(info *types.Info, e ast.Expr) bool {
	v := info.Types[e].Value
	if v == nil || v.Kind() != constant.Int {
		return false
	}
	n, exact := constant.Int64Val(v)
	return !exact || n > math.MaxInt32 || n < math.MinInt32
}

func identVar(info *types.Info, e ast.Expr) (*types.Var, bool) {
	id, ok := ast.Unparen(e).(*ast.Ident)
	if !ok {
		return nil, false
	}
	v, ok := info.ObjectOf(id).(*types.Var)
	return v, ok
}

// isStep reports whether e is a step on from v: v.next, v.Next(), v[1:], v+1,
// append(v, …) or errors.Unwrap(v); not a value from elsewhere.
func (s *search) isStep(e ast.Expr, v *types.Var, f *frame) bool {
	info := f.fn.unit.Info
	switch e := ast.Unparen(e).(type) {
	case *ast.SelectorExpr:
		return s.startsAt(e.X, v, info)
	case *ast.SliceExpr:
		return s.startsAt(e.X, v, info)
	case *ast.IndexExpr:
		return s.startsAt(e.X, v, info)
	case *ast.BinaryExpr:
		return s.startsAt(e.X, v, info) || s.startsAt(e.Y, v, info)
	case *ast.CallExpr:
		if recv := receiver(e); recv != nil && s.startsAt(recv, v, info) {
			return true
		}
		for _, a := range e.Args {
			if s.startsAt(a, v, info) || s.isStep(a, v, f) {
				return true
			}
		}
	}
	return false
}

func (s *search) startsAt(e ast.Expr, v *types.Var, info *types.Info) bool {
	got, _ := identVar(info, e)
	return got == v
}

// iterates reports whether a call in a condition is one that comes false: of an
// iterator over what is there, of a scanner of a text, or of the clock.
func (s *search) iterates(call *ast.CallExpr, f *frame) bool {
	fn, ok := f.fn.unit.Info.Uses[nameOfOr(call.Fun)].(*types.Func)
	if !ok {
		return false
	}
	switch fn.FullName() {
	case "(*database/sql.Rows).Next", "(*database/sql.Rows).NextResultSet", "(*reflect.MapIter).Next",
		"(time.Time).Before", "(time.Time).After", "(*container/list.List).Len":
		return true
	case "(*bufio.Scanner).Scan", "(*encoding/json.Decoder).More", "(*text/scanner.Scanner).Scan":
		return s.p.finite(receiver(call), f, false)
	}
	return false
}

// counts reports whether a loop without a condition is left, at its top, when a
// counter of the function reaches something.
func (s *search) counts(n *ast.ForStmt, f *frame) bool {
	for _, stmt := range n.Body.List {
		if c, ok := stmt.(*ast.IfStmt); ok && leaves(c.Body, "") {
			if b, ok := ast.Unparen(c.Cond).(*ast.BinaryExpr); ok && b.Op != token.EQL && b.Op != token.NEQ &&
				isNumber(f.fn.unit.Info, b.X) && s.advances(negated(b), n, f) {
				return true
			}
		}
	}
	return false
}

// negated returns the comparison under which a loop goes on that b leaves.
func negated(b *ast.BinaryExpr) *ast.BinaryExpr {
	c := *b
	switch b.Op {
	case token.LSS:
		c.Op = token.GEQ
	case token.LEQ:
		c.Op = token.GTR
	case token.GTR:
		c.Op = token.LEQ
	case token.GEQ:
		c.Op = token.LSS
	}
	return &c
}

func isNumber(info *types.Info, e ast.Expr) bool {
	b, ok := info.TypeOf(e).Underlying().(*types.Basic)
	return ok && b.Info()&types.IsNumeric != 0
}
