package policy

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
)

// line returns the number of the line of pos.
func (j *Judge) line(pos token.Pos) string { return strconv.Itoa(j.unit.Fset.Position(pos).Line) }

// waited returns how the function that has stmt waits for its goroutine, or "".
// The goroutine signals through something, a WaitGroup or a channel; the
// function waits on the same thing.
func (j *Judge) waited(stmt *ast.GoStmt, path []ast.Node) string {
	return j.waitedFor(j.signals(stmt), stmt, path)
}

// waitedOn returns how the function at the end of the path waits on x after n, or
// "".
func (j *Judge) waitedOn(x ast.Expr, n ast.Node, path []ast.Node) string {
	if obj := j.thing(x); obj != nil {
		return j.waitedFor(map[types.Object]bool{obj: true}, n, path)
	}
	return ""
}

// waitedFor returns how the function at the end of the path waits for one of the
// signals behind start, or in a loop around both.
func (j *Judge) waitedFor(signals map[types.Object]bool, start ast.Node, path []ast.Node) string {
	body := innermost(path)
	from := start.End()
	if loop := outermostLoop(path); loop != nil {
		from = loop.Pos()
	}
	if body == nil || len(signals) == 0 {
		return ""
	}
	how := ""
	found := func(x ast.Expr, pos token.Pos) {
		if obj := j.thing(x); pos >= from && obj != nil && signals[obj] && how == "" {
			how = "its function waits for it in line " + j.line(pos)
		}
	}
	inspectFunc(body, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.CallExpr:
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Wait" {
				found(sel.X, n.Pos())
			}
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				found(n.X, n.Pos())
			}
		case *ast.RangeStmt:
			if t := j.unit.Info.TypeOf(n.X); t != nil {
				if _, ok := t.Underlying().(*types.Chan); ok {
					found(n.X, n.Pos())
				}
			}
		}
	})
	return how
}

// innermost returns the body of the innermost function on the path.
func innermost(path []ast.Node) ast.Node {
	for i := len(path) - 1; i >= 0; i-- {
		switch n := path[i].(type) {
		case *ast.FuncLit:
			return n.Body
		case *ast.FuncDecl:
			return n.Body
		}
	}
	return nil
}

// outermostLoop returns the outermost loop of the innermost function on the path.
func outermostLoop(path []ast.Node) (loop ast.Node) {
	for i := len(path) - 1; i >= 0; i-- {
		switch n := path[i].(type) {
		case *ast.FuncLit, *ast.FuncDecl:
			return loop
		case *ast.ForStmt, *ast.RangeStmt:
			loop = n
		}
	}
	return loop
}

// signals returns what the goroutine of stmt may tell its end through: what it
// calls Done on, closes or sends on, and what it is given.
func (j *Judge) signals(stmt *ast.GoStmt) map[types.Object]bool {
	signals := map[types.Object]bool{}
	add := func(x ast.Expr) {
		if obj := j.thing(x); obj != nil {
			signals[obj] = true
		}
	}
	for _, a := range stmt.Call.Args {
		switch t := j.unit.Info.TypeOf(a).(type) {
		case *types.Pointer, *types.Chan:
			add(a)
		case *types.Named:
			if _, ok := t.Underlying().(*types.Chan); ok {
				add(a)
			}
		}
	}
	lit, ok := ast.Unparen(stmt.Call.Fun).(*ast.FuncLit)
	if !ok {
		return signals
	}
	ast.Inspect(lit.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.SendStmt:
			add(n.Chan)
		case *ast.CallExpr:
			if sel, ok := n.Fun.(*ast.SelectorExpr); ok && sel.Sel.Name == "Done" && len(n.Args) == 0 {
				add(sel.X)
			}
			if id, ok := n.Fun.(*ast.Ident); ok && id.Name == "close" && len(n.Args) == 1 {
				add(n.Args[0])
			}
		}
		return true
	})
	return signals
}

// thing returns the variable or field that x, or the x that it points to, names.
func (j *Judge) thing(x ast.Expr) types.Object {
	if x == nil {
		return nil
	}
	switch x := ast.Unparen(x).(type) {
	case *ast.Ident:
		v, _ := j.unit.Info.Uses[x].(*types.Var)
		if v == nil {
			return nil
		}
		return v
	case *ast.SelectorExpr:
		return j.thing(x.Sel)
	case *ast.UnaryExpr:
		if x.Op == token.AND {
			return j.thing(x.X)
		}
	}
	return nil
}
