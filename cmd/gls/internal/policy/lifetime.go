package policy

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
	"unicode"
	"unicode/utf8"
)

// longLived returns why the goroutine that calls fn may live as long as the
// process, or "".
func (j *Judge) longLived(fn ast.Expr, path []ast.Node) string {
	if pos := j.loop(fn, isEndless, map[ast.Node]bool{}); pos.IsValid() {
		return "its loop in line " + j.line(pos) + " does not end by itself"
	}
	for i := len(path) - 1; i >= 0; i-- {
		switch n := path[i].(type) {
		case *ast.FuncLit:
			if i > 0 && j.isOnce(path[i-1]) {
				return "it is started once, by whoever comes first"
			}
			if j.isHandler(j.unit.Info.TypeOf(n)) {
				return "" // its caller is a server, not the function around it
			}
		case *ast.FuncDecl:
			if setsUp(n, j.unit.Pkg) {
				return "it is started from " + n.Name.Name
			}
		}
	}
	return ""
}

// setsUp reports whether d is of the functions that make a program, or a part
// of it, ready.
func setsUp(d *ast.FuncDecl, pkg *types.Package) bool {
	name := d.Name.Name
	if d.Recv == nil && (name == "init" || name == "main" && pkg.Name() == "main") {
		return true
	}
	for _, verb := range []string{"New", "Start", "Run"} {
		rest, ok := strings.CutPrefix(name, verb)
		if first, _ := utf8.DecodeRuneInString(rest); ok && (rest == "" || !unicode.IsLower(first)) {
			return true
		}
	}
	return false
}

// isEndless reports whether nothing inside ends a loop without a condition.
func isEndless(body *ast.BlockStmt, loop *ast.ForStmt) bool {
	return !leaves(loop.Body, labelOf(body, loop))
}

// isOpen reports true of every loop without a condition: a reader of a
// connection returns at the first error, which may be never.
func isOpen(*ast.BlockStmt, *ast.ForStmt) bool { return true }

// loop returns the position of a loop that may have no end in the function that
// fn stands for, or in one of this package that it calls at the top of its body.
// Which decides about those without a condition.
func (j *Judge) loop(fn ast.Expr, which func(body *ast.BlockStmt, loop *ast.ForStmt) bool, seen map[ast.Node]bool) token.Pos {
	var body *ast.BlockStmt
	if lit, ok := ast.Unparen(fn).(*ast.FuncLit); ok {
		body = lit.Body
	} else if d := j.callee(fn); d != nil {
		body = d.Body
	}
	if body == nil || seen[body] {
		return token.NoPos
	}
	seen[body] = true
	found := token.NoPos
	inspectFunc(body, func(n ast.Node) {
		if found.IsValid() {
			return
		}
		switch n := n.(type) {
		case *ast.ForStmt:
			if j.isTrue(n.Cond) && which(body, n) {
				found = n.Pos()
			}
		case *ast.RangeStmt:
			if j.endlessRange(n.X) {
				found = n.Pos()
			}
		}
	})
	for _, s := range body.List {
		if x, ok := s.(*ast.ExprStmt); ok && !found.IsValid() {
			if call, ok := x.X.(*ast.CallExpr); ok {
				found = j.loop(call.Fun, which, seen)
			}
		}
	}
	return found
}

// isTrue reports whether a loop's condition is missing or constantly true.
func (j *Judge) isTrue(cond ast.Expr) bool {
	if cond == nil {
		return true
	}
	v := j.unit.Info.Types[cond].Value
	return v != nil && v.String() == "true"
}

// endlessRange reports whether a range over x is not known to end: x is a
// channel of times, as tickers have, or one that outlives the function, in a
// field or a package-level variable.
func (j *Judge) endlessRange(x ast.Expr) bool {
	t := j.unit.Info.TypeOf(x)
	if t == nil {
		return false
	}
	ch, ok := t.Underlying().(*types.Chan)
	if !ok {
		return false
	}
	if types.TypeString(ch.Elem(), nil) == "time.Time" {
		return true
	}
	v, ok := j.thing(x).(*types.Var)
	return ok && (v.IsField() || v.Parent() == v.Pkg().Scope())
}

// isOnce reports whether n is a call of a function of package sync that calls
// its argument once.
func (j *Judge) isOnce(n ast.Node) bool {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return false
	}
	fn, ok := j.unit.Info.Uses[sel.Sel].(*types.Func)
	if !ok {
		return false
	}
	switch fn.FullName() {
	case "(*sync.Once).Do", "sync.OnceFunc", "sync.OnceValue", "sync.OnceValues":
		return true
	}
	return false
}

// labelOf returns the label of a loop, or "".
func labelOf(body *ast.BlockStmt, loop ast.Stmt) string {
	label := ""
	inspectFunc(body, func(n ast.Node) {
		if l, ok := n.(*ast.LabeledStmt); ok && l.Stmt == loop {
			label = l.Label.Name
		}
	})
	return label
}

// leaves reports whether the body of a loop leaves it by itself: other than in
// a case of a select statement that receives, which is how others stop it.
func leaves(body *ast.BlockStmt, label string) bool {
	var visit func(n ast.Node, breaks bool) bool
	visit = func(n ast.Node, breaks bool) (left bool) {
		ast.Inspect(n, func(m ast.Node) bool {
			if left || m == n {
				return !left
			}
			switch m := m.(type) {
			case *ast.FuncLit:
				return false
			case *ast.ReturnStmt:
				left = true
			case *ast.BranchStmt:
				switch {
				case m.Tok == token.GOTO:
					left = true
				case m.Tok == token.BREAK && m.Label == nil:
					left = breaks
				case m.Tok == token.BREAK:
					left = m.Label.Name == label
				}
			case *ast.CommClause:
				if receives(m.Comm) {
					return false
				}
			case *ast.ForStmt, *ast.RangeStmt, *ast.SwitchStmt, *ast.TypeSwitchStmt, *ast.SelectStmt:
				left = visit(m, false)
				return false
			}
			return !left
		})
		return left
	}
	return visit(body, true)
}

func receives(comm ast.Stmt) bool {
	switch comm.(type) {
	case *ast.ExprStmt, *ast.AssignStmt:
		return true
	}
	return false
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
