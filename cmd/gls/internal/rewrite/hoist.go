package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"
)

// A part is the function or an argument of a call that is hoisted.
type part struct {
	expr  ast.Expr
	names []string // the variables that hold it; nil if it stays in the call
	conv  string   // the type to convert it to; "" if := infers the right one
}

func (p *part) hoisted() bool { return len(p.names) > 0 }

// hoist writes { f, a := F, A; spawn.Go(func() { f(a) }) }, of which the
// assignment has the same text, in the same order, as the call had. It returns
// why it cannot.
func (g *goEdit) hoist() (reason string) {
	parts, reason := g.parts()
	if reason != "" {
		return reason
	}
	fun, args := &parts[0], parts[1:]

	var names []string
	last := -1 // the last hoisted argument
	for i := range parts {
		names = append(names, parts[i].names...)
		if i > 0 && parts[i].hoisted() {
			last = i - 1
		}
	}
	multi := len(args) == 1 && len(args[0].names) > 1
	start := "{ "
	if g.layout == Pretty {
		start = "{" + g.line + "\t"
	}
	assign := strings.Join(names, ", ") + " := "
	if multi && fun.hoisted() {
		assign = fun.names[0] + " := "
	}
	g.keyword(start + assign)

	// The function, and the parenthesis after it.
	switch {
	case !fun.hoisted():
		g.drop(g.call.Fun.Pos(), g.call.Lparen+1)
	case multi:
		g.replace(g.call.Lparen, g.call.Lparen+1, "; "+strings.Join(args[0].names, ", ")+" := ")
	case last >= 0:
		g.replace(g.call.Lparen, g.call.Lparen+1, ", ")
	default:
		g.drop(g.call.Lparen, g.call.Lparen+1)
	}

	// The arguments, and the text behind each.
	for i := range args {
		a := &args[i]
		if a.hoisted() && a.conv != "" {
			g.replace(a.expr.Pos(), a.expr.Pos(), a.conv+"(")
			g.replace(a.expr.End(), a.expr.End(), ")")
		}
		if !a.hoisted() {
			g.drop(a.expr.Pos(), a.expr.End())
		}
		to := g.call.Rparen
		if i+1 < len(args) {
			to = args[i+1].expr.Pos()
		}
		if keep := a.hoisted() && i < last; !keep {
			g.dropPunctuation(a.expr.End(), to)
		}
	}

	call := g.open + "func() { " + g.source(fun) + "(" + g.sources(args) + ") })"
	if g.layout == Pretty {
		g.replace(g.call.Rparen, g.call.End(), g.line+"\t"+call+g.line+"}")
	} else {
		g.replace(g.call.Rparen, g.call.End(), "; "+call+" }")
	}
	return ""
}

// parts decides, for the function and each argument, whether it is hoisted and
// under which names.
func (g *goEdit) parts() (parts []part, reason string) {
	fresh := g.freshNames()
	fun := part{expr: g.call.Fun}
	if !g.isStatic(g.fun) && !g.isSteadyMethod(g.fun) {
		fun.names = []string{fresh("fn")}
	} else if g.layout == SameLines && g.spansLines(g.call.Fun) {
		return nil, "the name of its function spans lines"
	}
	parts = append(parts, fun)
	sig := g.signature()
	for i, e := range g.call.Args {
		a := part{expr: e}
		if tuple, ok := g.unit.Info.TypeOf(e).(*types.Tuple); ok {
			for j := 0; j < tuple.Len(); j++ {
				a.names = append(a.names, fresh(paramName(sig, j)))
			}
		} else if _, isLit := ast.Unparen(e).(*ast.FuncLit); isLit || !g.steady(e) || g.spansLines(e) {
			name := paramName(sig, i)
			if id, ok := ast.Unparen(e).(*ast.Ident); ok {
				name = id.Name
			}
			a.names = []string{fresh(name)}
			if a.conv, reason = g.conversion(e); reason != "" {
				return nil, reason
			}
		}
		parts = append(parts, a)
	}
	return parts, ""
}

// signature returns the type of the function, or nil for builtins.
func (g *goEdit) signature() *types.Signature {
	if t := g.unit.Info.TypeOf(g.fun); t != nil {
		sig, _ := t.Underlying().(*types.Signature)
		return sig
	}
	return nil
}

// paramName returns a name for the value of parameter i.
func paramName(sig *types.Signature, i int) string {
	if sig != nil && i < sig.Params().Len() {
		if name := sig.Params().At(i).Name(); name != "" && name != "_" {
			return name
		}
	}
	return "arg"
}

// freshNames returns a function that makes a variable's name of its argument. No
// other part of the go statement uses that name, so nothing is shadowed that
// stays in the call.
func (g *goEdit) freshNames() func(string) string {
	uses := map[string]int{}
	ast.Inspect(g.stmt, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			uses[id.Name]++
		}
		return true
	})
	for _, word := range strings.FieldsFunc(g.open, func(r rune) bool { return r == '.' || r == '(' }) {
		uses[word] += 2
	}
	for _, a := range g.call.Args {
		// "i := i" is what people write.
		if id, ok := ast.Unparen(a).(*ast.Ident); ok {
			uses[id.Name]--
		}
	}
	return func(want string) string {
		name := want
		for i := 1; uses[name] > 0; i++ {
			name = want + strconv.Itoa(i)
		}
		uses[name] = 2
		return name
	}
}

// conversion returns the type that e must be converted to so that := gives it
// the type that the call gave it: e is untyped, but no constant.
func (g *goEdit) conversion(e ast.Expr) (typ, reason string) {
	t := g.unit.Info.TypeOf(e)
	if !g.takesContext(e) || t == types.Typ[types.Int] || t == types.Typ[types.Bool] || t == types.Typ[types.String] {
		return "", ""
	}
	return g.typeName(t)
}

// takesContext reports whether the type of e is that of the place where it
// stands: a comparison, a shift of an untyped constant, or a constant.
func (g *goEdit) takesContext(e ast.Expr) bool {
	switch e := ast.Unparen(e).(type) {
	case *ast.BinaryExpr:
		switch e.Op {
		case token.EQL, token.NEQ, token.LSS, token.LEQ, token.GTR, token.GEQ:
			return true
		case token.SHL, token.SHR:
			return g.takesContext(e.X)
		}
		return g.takesContext(e.X) && g.takesContext(e.Y)
	case *ast.UnaryExpr:
		return e.Op != token.ARROW && g.takesContext(e.X)
	default:
		return g.unit.Info.Types[e].Value != nil
	}
}

// source returns what stands for p in the call.
func (g *goEdit) source(p *part) string {
	if p.hoisted() {
		return strings.Join(p.names, ", ")
	}
	return g.text(p.expr.Pos(), p.expr.End())
}

func (g *goEdit) sources(args []part) string {
	list := make([]string, len(args))
	for i := range args {
		list[i] = g.source(&args[i])
	}
	s := strings.Join(list, ", ")
	if g.call.Ellipsis.IsValid() {
		s += "..."
	}
	return s
}
