package policy

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"math"
	"time"
)

// progresses reports whether the condition of a loop comes false by what the
// loop itself does.
func (s *search) progresses(n *ast.ForStmt, f *frame) bool {
	info := f.fn.unit.Info
	all := conjuncts(n.Cond)
	if s.advances(all, n, f) {
		return true
	}
	for _, c := range all {
		switch c := ast.Unparen(c).(type) {
		case *ast.BinaryExpr:
			if s.passesTime(c, n, f) {
				return true
			}
			if isNil(info, c.Y) && c.Op == token.EQL {
				if call, ok := ast.Unparen(c.X).(*ast.CallExpr); ok && isErrOf(info, call) && s.p.boundedContext(receiver(call), f) {
					return true
				}
			}
		case *ast.CallExpr:
			if s.iterates(c, n, f) {
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

// advances reports whether every round of the loop steps a variable of its
// function that is compared: a counter, a list's element, or something with a
// length. All of the comparisons must be true for the loop to go on.
func (s *search) advances(all []ast.Expr, n *ast.ForStmt, f *frame) bool {
	info := f.fn.unit.Info
	steps := map[*types.Var][]*ast.BinaryExpr{}
	for _, e := range all {
		c, ok := ast.Unparen(e).(*ast.BinaryExpr)
		if !ok || isHuge(info, c.X) || isHuge(info, c.Y) {
			continue
		}
		switch c.Op {
		case token.LSS, token.LEQ, token.GTR, token.GEQ, token.NEQ, token.EQL:
		default:
			continue
		}
		vars := s.compared(c, info)
		if s.resetIn(n, c, vars, f) {
			continue
		}
		for v := range vars {
			steps[v] = append(steps[v], c)
		}
	}
	r := rounds{label: labelOf(f.fn.body, n), step: func(stmt ast.Stmt) bool {
		is := false
		s.assignments(stmt, info, func(v *types.Var, by change, rhs ast.Expr) {
			for _, c := range steps[v] {
				is = is || by == assigned && s.isStep(rhs, v, f) || by != assigned && s.towards(c, v, by == more, info)
			}
		})
		return is
	}}
	return len(steps) > 0 && r.all(n)
}

// compared returns the local variables in a comparison.
func (s *search) compared(c *ast.BinaryExpr, info *types.Info) map[*types.Var]bool {
	vars := map[*types.Var]bool{}
	ast.Inspect(c, func(m ast.Node) bool {
		if id, ok := m.(*ast.Ident); ok {
			if v, ok := info.Uses[id].(*types.Var); ok && !v.IsField() && v.Pkg() != nil && v.Parent() != v.Pkg().Scope() {
				vars[v] = true
			}
		}
		return true
	})
	return vars
}

// A change is what a statement does to a variable.
type change int

const (
	more     change = iota // it becomes greater
	less                   // it becomes less
	assigned               // it gets a value
)

// assignments calls each for what a simple statement does to variables.
func (s *search) assignments(stmt ast.Node, info *types.Info, each func(v *types.Var, by change, rhs ast.Expr)) {
	switch m := stmt.(type) {
	case *ast.IncDecStmt:
		if v, _ := identVar(info, m.X); v != nil {
			by := more
			if m.Tok == token.DEC {
				by = less
			}
			each(v, by, nil)
		}
	case *ast.AssignStmt:
		for i, l := range m.Lhs {
			v, _ := identVar(info, l)
			if v == nil {
				continue
			}
			switch m.Tok {
			case token.ASSIGN, token.DEFINE:
				rhs := m.Rhs[0]
				if len(m.Rhs) == len(m.Lhs) {
					rhs = m.Rhs[i]
				}
				each(v, changeOf(rhs, v, info), rhs)
			case token.ADD_ASSIGN, token.MUL_ASSIGN, token.SHL_ASSIGN:
				each(v, more, nil)
			default:
				each(v, less, nil)
			}
		}
	}
}

// changeOf returns what v = e does to v.
func changeOf(e ast.Expr, v *types.Var, info *types.Info) change {
	b, ok := ast.Unparen(e).(*ast.BinaryExpr)
	if !ok {
		return assigned
	}
	if w, _ := identVar(info, b.X); w != v {
		return assigned
	}
	switch b.Op {
	case token.ADD, token.MUL, token.SHL:
		return more
	case token.SUB, token.QUO, token.SHR:
		return less
	}
	return assigned
}

// resetIn reports whether the loop, or a function literal beside it, gives one
// of the variables a value that comes from elsewhere, changes one away from
// where the comparison c is false, or takes its address.
func (s *search) resetIn(n *ast.ForStmt, c *ast.BinaryExpr, vars map[*types.Var]bool, f *frame) (reset bool) {
	info := f.fn.unit.Info
	look := func(m ast.Node) bool {
		s.assignments(m, info, func(v *types.Var, by change, rhs ast.Expr) {
			switch {
			case !vars[v]:
			case by == assigned:
				reset = reset || !s.isStep(rhs, v, f)
			case c != nil:
				reset = reset || !s.towards(c, v, by == more, info)
			}
		})
		if u, ok := m.(*ast.UnaryExpr); ok && u.Op == token.AND {
			v, _ := identVar(info, u.X)
			reset = reset || v != nil && vars[v]
		}
		return !reset
	}
	ast.Inspect(n.Body, look)
	if n.Post != nil {
		ast.Inspect(n.Post, look)
	}
	ast.Inspect(f.fn.top().body, func(m ast.Node) bool {
		if lit, ok := m.(*ast.FuncLit); ok && !reset && !contains(lit, n) {
			ast.Inspect(lit.Body, look)
			return false
		}
		return !reset
	})
	return reset
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
	if named := namedOf(info.TypeOf(e)); named != nil && named.Obj().Name() == "Duration" {
		return !exact || time.Duration(n).Abs() > 24*time.Hour
	}
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
		return (e.Op == token.ADD || e.Op == token.MUL) && (s.startsAt(e.X, v, info) || s.startsAt(e.Y, v, info))
	case *ast.CallExpr:
		if _, basic := v.Type().Underlying().(*types.Basic); basic && !info.Types[e.Fun].IsType() {
			return false // it may come to a stop, as min does
		}
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
func (s *search) iterates(call *ast.CallExpr, n *ast.ForStmt, f *frame) bool {
	fn, ok := f.fn.unit.Info.Uses[nameOfOr(call.Fun)].(*types.Func)
	if !ok {
		return false
	}
	switch fn.FullName() {
	case "(*database/sql.Rows).Next", "(*database/sql.Rows).NextResultSet", "(*reflect.MapIter).Next":
		return true
	case "(time.Time).Before":
		return isNow(f.fn.unit.Info, receiver(call)) && s.isFixed(call.Args[0], n, f) ||
			s.stepsTime(receiver(call), n, f) && s.isFixed(call.Args[0], n, f)
	case "(time.Time).After":
		return isNow(f.fn.unit.Info, call.Args[0]) && s.isFixed(receiver(call), n, f) ||
			s.stepsTime(receiver(call), n, f) && s.isFixed(call.Args[0], n, f)
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
				isNumber(f.fn.unit.Info, b.X) && s.advances([]ast.Expr{negated(b)}, n, f) {
				return true
			}
		}
		if goesOn(stmt, labelOf(f.fn.body, n)) {
			return false // some rounds do not look
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
