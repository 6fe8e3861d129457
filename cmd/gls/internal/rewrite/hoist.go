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

// hoist writes f, a := F, A; spawn.Go(func() { f(a) }). The assignment has the
// same text, in the same order, as the call had. If the new variables would
// change the meaning of names, both statements are put into a block. If hoist
// is not possible, it returns the reason.
func (g *goEdit) hoist() (reason string) {
	parts, reason := g.parts(false)
	if reason == "" && g.tearsComments(parts) {
		parts, reason = g.parts(true)
	}
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
	start, between, end := "{ ", "; ", " }"
	switch {
	case g.layout == SameLines:
	case g.unit.canDeclare(g.ast, g.stmt, names):
		start, between, end = "", g.line, ""
	default:
		start, between, end = "{"+g.line+"\t", g.line+"\t", g.line+"}"
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

	// The arguments, and the text after each.
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
	from := g.call.Rparen
	if n := len(g.call.Args); n > 0 && g.commented(g.call.Args[n-1].End(), from) {
		from = g.blankBefore(from)
	}
	g.replace(from, g.call.End(), between+call+end)
	return ""
}

// tearsComments reports whether a comment would be next to something else than
// before, because the part before or after it stays in the call.
func (g *goEdit) tearsComments(parts []part) bool {
	if g.layout != Pretty || !g.hasComment(g.call.Pos(), g.call.End()) {
		return false
	}
	if fun := &parts[0]; !fun.hoisted() && g.hasComment(fun.expr.End(), g.call.Lparen) {
		return true
	}
	last := g.call.Lparen
	all := true
	for _, a := range parts[1:] {
		all = all && a.hoisted()
		if !a.hoisted() && g.hasComment(a.expr.Pos(), a.expr.End()) {
			return true
		}
		if !all && g.hasComment(last, a.expr.Pos()) {
			return true
		}
		last = a.expr.End()
	}
	return !all && g.hasComment(last, g.call.Rparen)
}

// parts decides for the function and each argument whether it is hoisted, and
// under which names. If all is set, all of them are hoisted, or parts returns
// the reason why that is impossible.
func (g *goEdit) parts(all bool) (parts []part, reason string) {
	const torn = "comments in it would be torn from what they are about"
	fresh := g.freshNames()
	fun := part{expr: g.call.Fun}
	if all && g.isStatic(g.fun) && g.hasComment(g.call.Fun.End(), g.call.Lparen) {
		return nil, torn
	}
	if !g.isStatic(g.fun) && (all || !g.isStableMethod(g.fun)) {
		fun.names = []string{fresh("fn", g.fun)}
	} else if g.layout == SameLines && g.spansLines(g.call.Fun) {
		return nil, "the name of its function spans lines"
	}
	parts = append(parts, fun)
	sig := g.signature()
	for i, e := range g.call.Args {
		a := part{expr: e}
		if tuple, ok := g.unit.Info.TypeOf(e).(*types.Tuple); ok {
			for j := 0; j < tuple.Len(); j++ {
				a.names = append(a.names, fresh(paramName(sig, j), e))
			}
		} else if _, isLit := ast.Unparen(e).(*ast.FuncLit); isLit || all || !g.isStable(e) || g.spansLines(e) {
			if all && g.unit.Info.Types[e].IsNil() {
				return nil, torn
			}
			name := paramName(sig, i)
			if id, ok := ast.Unparen(e).(*ast.Ident); ok {
				name = id.Name
			}
			a.names = []string{fresh(name, e)}
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

// freshNames returns a function that derives, from the name wanted, a name for
// a variable with the value of an expression. No other part of the go statement
// uses that name, so it shadows nothing that stays in the call.
func (g *goEdit) freshNames() func(want string, of ast.Expr) string {
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
	return func(want string, of ast.Expr) string {
		name := want
		if id, ok := ast.Unparen(of).(*ast.Ident); ok && id.Name == want && uses[want] == 1 {
			uses[want] = 0 // "i := i" is what people write
		}
		for i := 1; uses[name] > 0; i++ {
			name = want + strconv.Itoa(i)
		}
		uses[name] = 2
		return name
	}
}

// conversion returns the type that e must be converted to so that := gives it
// the type that it had in the call, if e is untyped but not constant.
func (g *goEdit) conversion(e ast.Expr) (typ, reason string) {
	t := g.unit.Info.TypeOf(e)
	if !g.takesContext(e) || t == types.Typ[types.Int] || t == types.Typ[types.Bool] || t == types.Typ[types.String] {
		return "", ""
	}
	return g.typeName(t)
}

// takesContext reports whether the type of e depends on its context: whether e
// is a comparison, a shift of an untyped constant, or a constant.
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

// source returns the text of p in the new call.
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
