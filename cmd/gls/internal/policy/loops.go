package policy

import (
	"go/ast"
	"go/constant"
	"go/token"
	"go/types"
	"math"
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

// leavesInTime reports whether each round of a loop looks whether the request
// has ended, and leaves then: in a select or receive, or an if, at its top.
func (s *search) leavesInTime(n *ast.ForStmt, f *frame) bool { return s.leavesBy(n, f, false) }

// leavesWithRequest is like leavesInTime, but a time-out does not count.
func (s *search) leavesWithRequest(n *ast.ForStmt, f *frame) bool { return s.leavesBy(n, f, true) }

func (s *search) leavesBy(n *ast.ForStmt, f *frame, request bool) bool {
	bounded := func(x ast.Expr) bool {
		return s.p.boundedChan(x, f, drain) && (!request || s.p.endsWithRequest(x, f))
	}
	info := f.fn.unit.Info
	label := labelOf(f.fn.body, n)
	for i, stmt := range n.Body.List {
		switch stmt := stmt.(type) {
		case *ast.SelectStmt:
			for _, c := range stmt.Body.List {
				c := c.(*ast.CommClause)
				if x := received(c.Comm); x != nil && bounded(x) &&
					(leavesList(c.Body, label) || leavesNext(c.Body, label)) {
					return true
				}
			}
		case *ast.AssignStmt:
			if x := received(stmt); x != nil && len(stmt.Lhs) == 2 && bounded(x) && leavesNext(n.Body.List[i+1:], label) {
				return true
			}
		case *ast.IfStmt:
			b, ok := ast.Unparen(stmt.Cond).(*ast.BinaryExpr)
			if !ok || b.Op != token.NEQ || !leaves(stmt.Body, label) {
				continue
			}
			if call, ok := ast.Unparen(b.X).(*ast.CallExpr); ok && isErrOf(info, call) && s.p.boundedContext(receiver(call), f) {
				return true
			}
		case *ast.ReturnStmt:
			return !request
		case *ast.BranchStmt:
			return !request && stmt.Tok == token.BREAK
		}
	}
	return false
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

// labelOf returns the label of a loop, or "".
func labelOf(body ast.Node, loop ast.Stmt) string {
	label := ""
	inspectFunc(body, func(n ast.Node) {
		if l, ok := n.(*ast.LabeledStmt); ok && l.Stmt == loop {
			label = l.Label.Name
		}
	})
	return label
}

// leavesNext reports whether the first statement of a list is an if that leaves
// the loop: the one that asks whether a channel is closed.
func leavesNext(list []ast.Stmt, label string) bool {
	if len(list) == 0 {
		return false
	}
	c, ok := list[0].(*ast.IfStmt)
	return ok && leaving(c.Body, label, false)
}

// leavesList is leaves for the statements of a case of a select, in which a
// break without a label leaves only the select.
func leavesList(list []ast.Stmt, label string) bool {
	return leaving(&ast.BlockStmt{List: list}, label, false)
}

// leaves reports whether a block in a loop leaves the loop on every way through,
// as far as its last statement tells.
func leaves(body *ast.BlockStmt, label string) bool { return leaving(body, label, true) }

func leaving(body *ast.BlockStmt, label string, breaks bool) bool {
	if len(body.List) == 0 {
		return false
	}
	switch last := body.List[len(body.List)-1].(type) {
	case *ast.ReturnStmt:
		return true
	case *ast.BranchStmt:
		switch last.Tok {
		case token.BREAK:
			return last.Label == nil && breaks || last.Label != nil && last.Label.Name == label
		case token.GOTO:
			return false
		}
	case *ast.ExprStmt:
		call, ok := last.X.(*ast.CallExpr)
		if id, is := ast.Unparen(ast.Expr(callFun(call, ok))).(*ast.Ident); is {
			return id.Name == "panic"
		}
	case *ast.BlockStmt:
		return leaving(last, label, breaks)
	case *ast.IfStmt:
		if other, ok := last.Else.(*ast.BlockStmt); ok {
			return leaving(last.Body, label, breaks) && leaving(other, label, breaks)
		}
	}
	return false
}

func callFun(call *ast.CallExpr, ok bool) ast.Expr {
	if !ok {
		return nil
	}
	return call.Fun
}
