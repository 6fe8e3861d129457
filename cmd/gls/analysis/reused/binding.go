package reused

import (
	"go/ast"
	"go/types"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
)

// binders are the functions that bind their first argument.
var binders = map[string]bool{"gls.Var.Set": true, "gls.Var.With": true, "gls.Var.Bind": true}

// A Search finds bindings to reused memory in one package.
type Search struct {
	unit   *rewrite.Unit
	tracer *tracer // nil if there are none
}

// New returns the Search for a package.
func New(u *rewrite.Unit) *Search {
	s := &Search{unit: u}
	if importsServer(u.Pkg) && !isImmutable(u) {
		s.tracer = newTracer(u)
	}
	return s
}

// A Binding is a binding to memory that a server reuses.
type Binding struct {
	search   *Search
	variable string
	value    ast.Expr
	server   string
}

// Find returns the bindings of a file.
func (s *Search) Find(f *ast.File) (list []Binding) {
	if s.tracer == nil {
		return nil
	}
	ast.Inspect(f, func(n ast.Node) bool {
		call, ok := n.(*ast.CallExpr)
		if !ok || len(call.Args) == 0 {
			return true
		}
		if name, recv := glsapi.Func(s.unit.Info, call); binders[name] {
			if server := s.tracer.source(call.Args[0], 0); server != "" {
				list = append(list, Binding{s, types.ExprString(recv), call.Args[0], server})
			}
		}
		return true
	})
	return list
}

// Value returns what is bound.
func (b Binding) Value() ast.Expr { return b.value }

// String describes the problem and what to do about it.
func (b Binding) String() string {
	advice := "bind copies of its strings"
	t := b.search.unit.Info.TypeOf(b.value)
	switch {
	case context(t) != "":
		advice = "bind what is needed of it"
	case cloner(t) != "":
		advice = "bind " + cloner(t) + ".Clone of it"
	}
	return b.variable + " is bound to memory that " + b.server + " uses again for the next request: " + advice
}

// Copy edits the file so that copies are bound. It reports whether that is
// possible.
func (b Binding) Copy(edit *rewrite.File) bool {
	parts, ok := b.parts(b.value, nil)
	if !ok {
		return false
	}
	for _, e := range parts {
		edit.WrapIn(e, rewrite.Starter{Path: cloner(b.search.unit.Info.TypeOf(e)), Name: "Clone"})
	}
	return true
}

// parts adds the strings and byte slices in e that are memory of the server. It
// reports false if they cannot be copied one by one.
func (b Binding) parts(e ast.Expr, list []ast.Expr) (parts []ast.Expr, ok bool) {
	if b.search.tracer.source(e, 0) == "" {
		return list, true
	}
	info := b.search.unit.Info
	if cloner(info.TypeOf(e)) != "" {
		return append(list, e), true
	}
	switch x := ast.Unparen(e).(type) {
	case *ast.UnaryExpr:
		return b.parts(x.X, list)
	case *ast.CallExpr:
		if info.Types[x.Fun].IsType() {
			return b.parts(x.Args[0], list)
		}
	case *ast.CompositeLit:
		for _, elem := range x.Elts {
			if kv, ok := elem.(*ast.KeyValueExpr); ok {
				elem = kv.Value
			}
			if list, ok = b.parts(elem, list); !ok {
				return nil, false
			}
		}
		return list, true
	}
	return nil, false
}

// cloner returns the package whose Clone copies a t, or "".
func cloner(t types.Type) string {
	switch t = types.Unalias(t); {
	case t == types.Typ[types.String]:
		return "strings"
	case types.Identical(t, types.NewSlice(types.Typ[types.Byte])):
		return "bytes"
	}
	return ""
}

// importsServer reports whether a package imports one of the servers.
func importsServer(pkg *types.Package) bool {
	for _, p := range pkg.Imports() {
		if server(p) != "" {
			return true
		}
	}
	return false
}

// isImmutable reports whether the package makes an app that makes copies.
func isImmutable(u *rewrite.Unit) (found bool) {
	for _, f := range u.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			kv, ok := n.(*ast.KeyValueExpr)
			if !ok {
				return !found
			}
			if id, ok := kv.Key.(*ast.Ident); ok && id.Name == "Immutable" {
				v, isField := u.Info.Uses[id].(*types.Var)
				x := u.Info.Types[kv.Value].Value
				found = found || isField && server(v.Pkg()) == "fiber" && x != nil && x.String() == "true"
			}
			return !found
		})
	}
	return found
}
