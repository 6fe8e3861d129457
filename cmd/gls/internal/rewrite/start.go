package rewrite

import (
	"bytes"
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
)

// A Starter is the function that replaces the go keyword.
type Starter struct {
	Path string // import path, as "github.com/seed18162548/contextvars/spawn"
	Name string // name of the function there, as "Go"
	// Leading is the source of additional arguments before the function.
	Leading []string
}

// The starters of package spawn.
var (
	Inherit  = Starter{Path: glsapi.Spawn, Name: "Go"}
	Detached = Starter{Path: glsapi.Spawn, Name: "Detached"}
)

// Go makes stmt start its goroutine with by. If that cannot be written, it
// edits nothing, reports false and returns the reason.
func (f *File) Go(stmt *ast.GoStmt, by Starter) (reason string, ok bool) {
	edits, imports := f.mark()
	call := stmt.Call
	g := goEdit{File: f, stmt: stmt, call: call, fun: ast.Unparen(call.Fun), line: f.newLine(stmt.Go)}
	g.open = f.qualified(by.Path, by.Name) + "("
	for _, s := range by.Leading {
		g.open += s + ", "
	}

	lit, isLit := g.fun.(*ast.FuncLit)
	switch {
	case len(call.Args) == 0 && g.takesNothing() && !g.commented(call.Lparen, call.Rparen):
		g.value()
	case isLit && lit.Type.Results == nil && len(call.Args) > 0:
		if !g.inline(lit) {
			g.literal(lit)
		}
	case g.allStable():
		g.wrap()
	default:
		reason = g.hoist()
	}
	if reason != "" {
		f.undo(edits, imports)
		return reason, false
	}
	return "", true
}

// A goEdit is a go statement that is being edited.
type goEdit struct {
	*File
	stmt *ast.GoStmt
	call *ast.CallExpr
	fun  ast.Expr // call.Fun without parentheses
	open string   // "spawn.Go("
	line string   // a line break, and the indentation of the statement
}

// takesNothing reports whether the type of the function is func() or can be
// assigned to it.
func (g *goEdit) takesNothing() bool {
	t := g.unit.Info.TypeOf(g.fun)
	if t == nil || g.isBuiltin() {
		return false
	}
	plain := types.NewSignatureType(nil, nil, nil, nil, nil, false)
	return types.AssignableTo(t, plain)
}

func (g *goEdit) isBuiltin() bool { return g.unit.Info.Types[g.fun].IsBuiltin() }

// allStable reports whether all parts of the call may be evaluated in the
// child.
func (g *goEdit) allStable() bool {
	if _, ok := g.fun.(*ast.FuncLit); !ok && !g.isStable(g.fun) && !g.isStableMethod(g.fun) {
		return false
	}
	for _, a := range g.call.Args {
		if !g.isStable(a) {
			return false
		}
	}
	return true
}

// commented reports whether a comment between two positions would be lost or
// separated from what it is about. In an overlay that does not matter.
func (g *goEdit) commented(from, to token.Pos) bool {
	return g.layout == Pretty && g.hasComment(from, to)
}

// keyword replaces "go" and the blank after it.
func (g *goEdit) keyword(s string) {
	end := g.stmt.Go + token.Pos(len("go"))
	if strings.TrimLeft(g.text(end, g.call.Pos()), " \t") == "" {
		end = g.call.Pos()
	}
	g.replace(g.stmt.Go, end, s)
}

// value writes spawn.Go(F).
func (g *goEdit) value() {
	g.keyword(g.open)
	closing := ")"
	if n := strings.Count(g.text(g.call.Lparen, g.call.Rparen), "\n"); n > 0 {
		closing = "," + strings.Repeat("\n", n) + ")"
	}
	g.replace(g.call.Lparen, g.call.End(), closing)
}

// literal writes func(…) { spawn.Go(func() {…}) }(…).
func (g *goEdit) literal(lit *ast.FuncLit) {
	start, end := "{ "+g.open+"func() {", "}) }"
	if g.layout == Pretty && g.spansLines(lit.Body) {
		start, end = "{"+g.line+"\t"+g.open+"func() {", "})"+g.line+"}"
	}
	g.keyword("")
	g.replace(lit.Body.Lbrace, lit.Body.Lbrace+1, start)
	g.replace(lit.Body.Rbrace, lit.Body.Rbrace+1, end)
}

// wrap writes spawn.Go(func() { CALL }).
func (g *goEdit) wrap() {
	start, end := g.open+"func() { ", ") })"
	if g.layout == Pretty && g.spansLines(g.call) {
		start, end = g.open+"func() {"+g.line+"\t", ")"+g.line+"})"
	}
	g.keyword(start)
	g.replace(g.call.Rparen, g.call.End(), end)
}

func (f *File) spansLines(n ast.Node) bool {
	return strings.Contains(f.text(n.Pos(), n.End()), "\n")
}

// startOfLine returns the start of the line of p, whatever //line comments say.
func (f *File) startOfLine(p token.Pos) token.Pos {
	return p - token.Pos(len(f.lineUpTo(p)))
}

// newLine returns a line break and the indentation of the line of p.
func (f *File) newLine(p token.Pos) string {
	line := f.lineUpTo(p)
	return "\n" + line[:len(line)-len(strings.TrimLeft(line, " \t"))]
}

// lineUpTo returns the text before p on its line.
func (f *File) lineUpTo(p token.Pos) string {
	before := f.src[:f.offset(p)]
	return string(before[bytes.LastIndexByte(before, '\n')+1:])
}
