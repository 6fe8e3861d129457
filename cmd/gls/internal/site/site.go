// Package site combines finding, deciding and editing: it walks over one
// package and returns every place at which bindings may be lost, the verdict of
// the policy, and the edits of the files.
package site

import (
	"go/ast"
	"go/token"
	"go/types"
	"go/version"
	"strings"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
	"github.com/seed18162548/contextvars/cmd/gls/internal/handoff"
	"github.com/seed18162548/contextvars/cmd/gls/internal/policy"
	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
)

// A Kind is the way in which a function reaches another goroutine.
type Kind string

const (
	Go       Kind = "go"
	Callback Kind = "callback"
)

// A Site is a place at which bindings may be lost.
type Site struct {
	Kind    Kind
	File    string
	Line    int
	Package string
	Func    string
	Source  string
	Class   policy.Class
	Reason  string
	Invalid string
	Becomes string // "spawn.Go"; "" if it is left
	Left    string // why it is left
	// NoGenerics is set if the language of the file is too old for generic
	// functions.
	NoGenerics bool
}

// Verdict returns the verdict of the policy as a text.
func (s Site) Verdict() string {
	switch s.Class {
	case policy.Inherit:
		return "repair it with gls fix: " + s.Reason
	case policy.Lifetime:
		return "leave it, it may live as long as the process: " + s.Reason
	case policy.Undecided:
		return "a person must decide: " + s.Reason
	}
	return string(s.Class) + ": " + s.Reason
}

// Options configures what is edited.
type Options struct {
	Policy    policy.Policy
	Handlers  []string // types of parameters that mark handlers
	Detach    bool     // spawn.Detached for what may live as long as the process
	Callbacks bool
	Takers    map[string]handoff.Taker
	Layout    rewrite.Layout
	// By, if not nil, decides what starts a goroutine, instead of the policy.
	By func(Site) (by rewrite.Starter, ok bool)
}

// A Judge says what becomes of a statement, or of a function that is handed
// over.
type Judge interface {
	Go(stmt *ast.GoStmt, path []ast.Node) policy.Verdict
	Callback(h handoff.Handoff, path []ast.Node) policy.Verdict
}

// Walk returns the sites of a file of a package, in the order of the text, and
// its edits.
func (o *Options) Walk(u *rewrite.Unit, j Judge, f *ast.File, src []byte) ([]Site, *rewrite.File) {
	w := walk{Options: o, unit: u, judge: j, src: src, edit: u.File(f, src, o.Layout)}
	ast.PreorderStack(f, nil, func(n ast.Node, path []ast.Node) bool {
		w.visit(n, path)
		return true
	})
	return w.sites, w.edit
}

type walk struct {
	*Options
	unit  *rewrite.Unit
	judge Judge
	src   []byte
	edit  *rewrite.File
	sites []Site
}

func (w *walk) visit(n ast.Node, path []ast.Node) {
	if stmt, ok := n.(*ast.GoStmt); ok {
		s := w.site(Go, n, path)
		s.take(w.judge.Go(stmt, path))
		if by, ok := w.starter(s); ok {
			s.Becomes = rewrite.Qualify(by.Path, by.Name)
			if reason, ok := w.edit.Go(stmt, by); !ok {
				s.Becomes, s.Left = "", reason
			}
		}
		w.add(s)
		return
	}
	if !w.Callbacks {
		return
	}
	for _, h := range handoff.Find(w.unit.Info, w.Takers, n) {
		w.handoff(h, path)
	}
}

// handoff visits one function that is passed to another goroutine.
func (w *walk) handoff(h handoff.Handoff, path []ast.Node) {
	s := w.site(Callback, h.Node, path)
	s.take(w.judge.Callback(h, path))
	if w.By != nil {
		if by, ok := w.By(s); ok && w.isPlainFunc(h.Fn) && !calledByGo(path) && (!s.NoGenerics || rewrite.Wrapper(w.unit.Info.TypeOf(h.Fn)) == "Wrap") {
			s.Becomes = rewrite.Qualify(by.Path, by.Name)
			w.edit.WrapIn(h.Fn, by)
		}
		w.add(s)
		return
	}
	if s.Class == policy.Inherit && w.Policy != policy.None {
		if calledByGo(path) {
			s.Left = "a go statement calls " + h.What()
		} else if s.NoGenerics && h.Fix(w.unit.Info) == rewrite.Qualify(glsapi.Gls, "Wrap1") {
			s.Left = "gls.Wrap1 is generic, and the language of its module, " + w.edit.Language() + ", has no generic functions"
		} else if s.Left = h.Apply(w.unit.Info, w.edit); s.Left == "" {
			s.Becomes = h.Fix(w.unit.Info)
		}
	}
	w.add(s)
}

// calledByGo reports whether the node at the end of the path is what a go
// statement calls.
func calledByGo(path []ast.Node) bool {
	_, isGo := path[len(path)-1].(*ast.GoStmt)
	return isGo
}

// isPlainFunc reports whether e has a function type that does not depend on its
// context, as the type of a generic function without type arguments does.
func (w *walk) isPlainFunc(e ast.Expr) bool {
	t := w.unit.Info.TypeOf(e)
	if t == nil {
		return false
	}
	if _, ok := t.Underlying().(*types.Signature); !ok {
		return false
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		_, generic := w.unit.Info.Instances[e]
		return !generic
	case *ast.SelectorExpr:
		_, generic := w.unit.Info.Instances[e.Sel]
		return !generic
	}
	return true
}

// starter returns what is to start the goroutine of a go statement.
func (w *walk) starter(s Site) (by rewrite.Starter, ok bool) {
	switch {
	case w.By != nil:
		return w.By(s)
	case w.Policy == policy.None:
		return by, false
	case s.Class == policy.Inherit:
		return rewrite.Inherit, true
	case s.Class == policy.Detach, s.Class == policy.Lifetime && w.Detach:
		return rewrite.Detached, true
	}
	return by, false
}

func (s *Site) take(v policy.Verdict) { s.Class, s.Reason, s.Invalid = v.Class, v.Reason, v.Invalid }

func (w *walk) add(s Site) {
	if s.Becomes == "" && s.Left == "" {
		s.Left = s.Reason
		if w.Policy == policy.None {
			s.Left = "policy none: " + s.Reason
		}
	}
	w.sites = append(w.sites, s)
}

func (w *walk) site(kind Kind, n ast.Node, path []ast.Node) Site {
	pos := w.unit.Fset.PositionFor(n.Pos(), false)
	return Site{
		Kind: kind, File: pos.Filename, Line: pos.Line,
		Package: w.unit.Pkg.Path(), Func: enclosing(path),
		NoGenerics: version.Compare(w.edit.Language(), "go1.18") < 0,
		Source:     excerpt(w.src, pos.Offset, w.unit.Fset.PositionFor(n.End(), false).Offset),
	}
}

// enclosing returns the name of the function declaration on the path.
func enclosing(path []ast.Node) string {
	for _, n := range path {
		if d, ok := n.(*ast.FuncDecl); ok {
			if d.Recv != nil && len(d.Recv.List) > 0 {
				t := d.Recv.List[0].Type
				if star, ok := t.(*ast.StarExpr); ok {
					t = star.X
				}
				if id, ok := t.(*ast.Ident); ok {
					return id.Name + "." + d.Name.Name
				}
			}
			return d.Name.Name
		}
	}
	return ""
}

// maxExcerpt is the maximum number of lines of a statement that are shown.
const maxExcerpt = 12

// excerpt returns the source of a statement, whole lines without the common
// indentation.
func excerpt(src []byte, from, to int) string {
	for from > 0 && src[from-1] != '\n' {
		from--
	}
	for to < len(src) && src[to] != '\n' {
		to++
	}
	lines := strings.Split(strings.ReplaceAll(string(src[from:to]), "\r\n", "\n"), "\n")
	indent := lines[0][:len(lines[0])-len(strings.TrimLeft(lines[0], " \t"))]
	if len(lines) > maxExcerpt {
		lines = append(lines[:maxExcerpt], indent+"…")
	}
	for i, l := range lines {
		lines[i] = strings.TrimPrefix(l, indent)
	}
	return strings.Join(lines, "\n")
}

// List returns the go statements of a file that the policy does not examine.
func List(fset *token.FileSet, f *ast.File, src []byte) (sites []Site) {
	ast.PreorderStack(f, nil, func(n ast.Node, path []ast.Node) bool {
		if _, ok := n.(*ast.GoStmt); ok {
			pos := fset.PositionFor(n.Pos(), false)
			sites = append(sites, Site{
				Kind: Go, File: pos.Filename, Line: pos.Line, Func: enclosing(path),
				Source: excerpt(src, pos.Offset, fset.PositionFor(n.End(), false).Offset),
			})
		}
		return true
	})
	return sites
}
