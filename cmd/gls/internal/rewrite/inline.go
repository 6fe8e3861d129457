package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// A declaration is the variable that replaces a parameter.
type declaration struct {
	name, value string
	stable      bool // the value may be evaluated in the child
}

// inline writes spawn.Go(func() {…}) in place of go func(…) {…}(…), and leaves
// the body alone. A parameter whose argument is the variable of the same name
// is dropped; the others become variables of the child, or of the block around
// the statement if their values must be evaluated in the parent. inline reports
// false, and edits nothing, if that would change the meaning of a name or
// displace a comment.
func (g *goEdit) inline(lit *ast.FuncLit) bool {
	if g.layout != Pretty || g.call.Ellipsis.IsValid() ||
		g.hasComment(g.stmt.Go, lit.Body.Lbrace) || g.hasComment(lit.Body.End(), g.call.End()) {
		return false
	}
	decls, ok := g.declarations(lit)
	if !ok {
		return false
	}
	before, inside := "", ""
	if len(decls) > 0 {
		var names, values []string
		stable := true
		for _, d := range decls {
			names, values = append(names, d.name), append(values, d.value)
			stable = stable && d.stable
		}
		assign := strings.Join(names, ", ") + " := " + strings.Join(values, ", ")
		switch {
		case stable && g.spansLines(lit.Body):
			inside = g.line + "\t" + assign
		case g.unit.canDeclare(g.ast, g.stmt, names):
			before = assign + g.line
		default:
			return false
		}
	}
	g.replace(g.stmt.Go, lit.Body.Lbrace+1, before+g.open+"func() {")
	if inside != "" {
		at := g.endOfLine(lit.Body.Lbrace + 1)
		g.replace(at, at, inside)
	}
	g.replace(lit.Body.Rbrace+1, g.call.End(), ")")
	return true
}

// declarations returns the variables that the parameters of lit become. It
// reports false if there is a parameter for which there is no variable.
func (g *goEdit) declarations(lit *ast.FuncLit) (decls []declaration, ok bool) {
	var params []*ast.Ident // nil for a parameter without a name
	for _, field := range lit.Type.Params.List {
		if len(field.Names) == 0 {
			params = append(params, nil)
		}
		params = append(params, field.Names...)
	}
	if len(params) != len(g.call.Args) {
		return nil, false // f(g()) with several results
	}
	for i, arg := range g.call.Args {
		if containsFunc(arg) || g.spansLines(arg) {
			return nil, false
		}
		stable := g.isStable(arg)
		var param *types.Var
		if params[i] != nil {
			param, _ = g.unit.Info.Defs[params[i]].(*types.Var)
		}
		reads, mentions := 0, 0
		if param != nil {
			reads, mentions = g.unit.uses(lit.Body, param)
		}
		if mentions == 0 && stable {
			continue
		}
		if reads == 0 || !types.Identical(g.unit.Info.TypeOf(arg), param.Type()) || g.unit.Info.Types[arg].IsNil() {
			return nil, false
		}
		id, isIdent := ast.Unparen(arg).(*ast.Ident)
		if isIdent && stable && id.Name == param.Name() && g.unit.isFinal(id) && !g.unit.reassignedVars()[param] {
			continue
		}
		conv, reason := g.conversion(arg)
		if reason != "" {
			return nil, false
		}
		value := g.text(arg.Pos(), arg.End())
		if conv != "" {
			value = conv + "(" + value + ")"
		}
		decls = append(decls, declaration{param.Name(), value, stable})
	}
	return decls, true
}

// containsFunc reports whether there is a function literal in e, which may have
// its own edits and therefore must not be moved.
func containsFunc(e ast.Expr) (found bool) {
	ast.Inspect(e, func(n ast.Node) bool {
		_, isLit := n.(*ast.FuncLit)
		found = found || isLit
		return !found
	})
	return found
}

// uses returns the number of reads of v in a body, and the number of all its
// uses.
func (u *Unit) uses(body *ast.BlockStmt, v *types.Var) (reads, mentions int) {
	ast.Inspect(body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Ident:
			if u.Info.Uses[n] == v {
				reads++
				mentions++
			}
		case *ast.AssignStmt:
			for _, x := range n.Lhs {
				reads -= u.isVar(x, v)
			}
		case *ast.IncDecStmt:
			reads -= u.isVar(n.X, v)
		}
		return true
	})
	return reads, mentions
}

// isVar returns 1 if e is the variable v, and otherwise 0. The compiler does
// not count an assignment to v as a use.
func (u *Unit) isVar(e ast.Expr, v *types.Var) int {
	if id, ok := ast.Unparen(e).(*ast.Ident); ok && u.Info.Uses[id] == v {
		return 1
	}
	return 0
}

// canDeclare reports whether variables with those names can be declared in
// front of stmt, in its block, without changing the meaning of other names.
func (u *Unit) canDeclare(f *ast.File, stmt *ast.GoStmt, names []string) bool {
	in, ok := u.blocks(f)[stmt]
	if !ok || in.jumps {
		return false
	}
	scope := u.Pkg.Scope().Innermost(stmt.Go)
	if scope == nil {
		return false
	}
	for _, name := range names {
		if by := u.claims[claim{in.node, name}]; scope.Lookup(name) != nil || by != nil && by != stmt {
			return false
		}
	}
	clash := false
	ast.Inspect(in.node, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || id.Pos() < stmt.End() || clash {
			return !clash
		}
		for _, name := range names {
			clash = clash || id.Name == name && u.meansOutside(id, stmt.End())
		}
		return !clash
	})
	if clash {
		return false
	}
	if u.claims == nil {
		u.claims = map[claim]*ast.GoStmt{}
	}
	for _, name := range names {
		u.claims[claim{in.node, name}] = stmt
	}
	return true
}

// A claim is a name that the edits of one statement declare in a block, and
// that those of other statements must not declare there.
type claim struct {
	block ast.Node
	name  string
}

// meansOutside reports whether id is the unqualified name of something that is
// declared before pos.
func (u *Unit) meansOutside(id *ast.Ident, pos token.Pos) bool {
	switch obj := u.Info.Uses[id].(type) {
	case nil:
		return false
	case *types.Var:
		return !obj.IsField() && obj.Pos() < pos
	case *types.Func:
		return obj.Signature().Recv() == nil
	default:
		return obj.Pos() < pos
	}
}

// A block is the innermost statement list around a statement.
type block struct {
	node  ast.Node // of the statement list
	jumps bool     // whether the function has a goto, which must not jump over a declaration
}

// blocks returns the blocks of the go statements of a file. Statements with a
// label, or outside of a list, have none.
func (u *Unit) blocks(f *ast.File) map[*ast.GoStmt]block {
	if all, ok := u.blocksOf[f]; ok {
		return all
	}
	all, jumps := map[*ast.GoStmt]block{}, false
	ast.Inspect(f, func(n ast.Node) bool {
		var list []ast.Stmt
		switch n := n.(type) {
		case *ast.BlockStmt:
			list = n.List
		case *ast.CaseClause:
			list = n.Body
		case *ast.CommClause:
			list = n.Body
		case *ast.BranchStmt:
			jumps = jumps || n.Tok == token.GOTO
		}
		for _, s := range list {
			if stmt, ok := s.(*ast.GoStmt); ok {
				all[stmt] = block{node: n}
			}
		}
		return true
	})
	for stmt, b := range all {
		b.jumps = jumps
		all[stmt] = b
	}
	if u.blocksOf == nil {
		u.blocksOf = map[*ast.File]map[*ast.GoStmt]block{}
	}
	u.blocksOf[f] = all
	return all
}
