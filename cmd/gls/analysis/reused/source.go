package reused

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
)

// server returns "fiber" or "fasthttp" if p is one of their packages, or else
// "".
func server(p *types.Package) string {
	switch {
	case p == nil:
		return ""
	case p.Path() == "github.com/gofiber/fiber" || strings.HasPrefix(p.Path(), "github.com/gofiber/fiber/v"):
		return "fiber"
	case p.Path() == "github.com/valyala/fasthttp":
		return "fasthttp"
	}
	return ""
}

// copied is the set of methods of fiber's contexts whose results are not part
// of a buffer.
var copied = map[string]bool{
	"Accepts": true, "AcceptsCharsets": true, "AcceptsEncodings": true, "AcceptsLanguages": true,
	"String": true, "GetRouteURL": true, "Port": true,
}

// parts is the set of packages whose functions may return a part of their
// argument.
var parts = map[string]bool{"strings": true, "bytes": true, "path": true, "path/filepath": true, "net/textproto": true, "html": true}

// copiers is the set of functions in these packages that always copy.
var copiers = map[string]bool{"strings.Clone": true, "bytes.Clone": true, "strings.Repeat": true, "bytes.Repeat": true, "strings.Join": true, "bytes.Join": true}

// A tracer finds out where values come from.
type tracer struct {
	unit  *rewrite.Unit
	decls map[types.Object]*ast.FuncDecl
	// assigned has the assignments of each variable, in the order of the text.
	assigned map[types.Object][]assignment
}

type assignment struct {
	pos token.Pos
	x   ast.Expr
}

func newTracer(u *rewrite.Unit) *tracer {
	t := &tracer{u, map[types.Object]*ast.FuncDecl{}, map[types.Object][]assignment{}}
	for _, f := range u.Files {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.FuncDecl:
				t.decls[u.Info.Defs[n.Name]] = n
			case *ast.AssignStmt:
				for i, lhs := range n.Lhs {
					if len(n.Lhs) == len(n.Rhs) {
						t.assign(lhs, n.Rhs[i], n.Pos())
					} else {
						t.assign(lhs, n.Rhs[0], n.Pos())
					}
				}
			case *ast.ValueSpec:
				for i, id := range n.Names {
					if len(n.Values) == len(n.Names) {
						t.assign(id, n.Values[i], n.Pos())
					} else if len(n.Values) == 1 {
						t.assign(id, n.Values[0], n.Pos())
					}
				}
			case *ast.RangeStmt:
				if n.Value != nil {
					t.assign(n.Value, n.X, n.Pos())
				}
			}
			return true
		})
	}
	return t
}

func (t *tracer) assign(lhs, x ast.Expr, pos token.Pos) {
	if id, ok := lhs.(*ast.Ident); ok {
		if obj := t.unit.Info.ObjectOf(id); obj != nil {
			t.assigned[obj] = append(t.assigned[obj], assignment{pos, x})
		}
	}
}

// maxDepth is the maximum number of steps by which a value is followed.
const maxDepth = 12

// source returns the server whose memory e may be or hold, or "".
func (t *tracer) source(e ast.Expr, depth int) string {
	if depth > maxDepth {
		return ""
	}
	typ := t.unit.Info.TypeOf(e)
	if typ == nil || t.unit.Info.Types[e].Value != nil {
		return ""
	}
	if s := context(typ); s != "" {
		return s
	}
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		return t.variable(e, depth)
	case *ast.CallExpr:
		return t.call(e, depth)
	case *ast.SliceExpr:
		return t.source(e.X, depth+1)
	case *ast.IndexExpr:
		if holdsText(typ) {
			return t.source(e.X, depth+1)
		}
	case *ast.UnaryExpr:
		if e.Op == token.AND {
			return t.source(e.X, depth+1)
		}
	case *ast.BinaryExpr:
		// With something else, a concatenation is a copy.
		for x, y := range map[ast.Expr]ast.Expr{e.X: e.Y, e.Y: e.X} {
			if v := t.unit.Info.Types[y].Value; v != nil && v.String() == `""` {
				return t.source(x, depth+1)
			}
		}
	case *ast.CompositeLit:
		for _, elem := range e.Elts {
			if kv, ok := elem.(*ast.KeyValueExpr); ok {
				elem = kv.Value
			}
			if s := t.source(elem, depth+1); s != "" {
				return s
			}
		}
	}
	return ""
}

// context returns the server if t is the type of its contexts.
func context(t types.Type) string {
	if p, ok := types.Unalias(t).(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return ""
	}
	switch named.Obj().Name() {
	case "Ctx", "DefaultCtx", "CustomCtx", "RequestCtx":
		return server(named.Obj().Pkg())
	}
	return ""
}

// variable follows a variable to what was assigned to it last.
func (t *tracer) variable(id *ast.Ident, depth int) string {
	last := assignment{}
	for _, a := range t.assigned[t.unit.Info.ObjectOf(id)] {
		if a.pos < id.Pos() {
			last = a
		}
	}
	if last.x == nil {
		return ""
	}
	return t.source(last.x, depth+1)
}

// call returns the server whose memory the result of a call may be, or "".
func (t *tracer) call(call *ast.CallExpr, depth int) string {
	info := t.unit.Info
	if tv := info.Types[call.Fun]; tv.IsType() {
		// Between strings and byte slices, a conversion is a copy.
		if from := info.TypeOf(call.Args[0]); isString(from) == isString(tv.Type) {
			return t.source(call.Args[0], depth+1)
		}
		return ""
	}
	fn, _ := typeutil.Callee(info, call).(*types.Func)
	if fn == nil || fn.Pkg() == nil || !anyText(fn.Signature().Results()) {
		return ""
	}
	if s := server(fn.Pkg()); s != "" {
		if isBuffer(fn, s) {
			return s
		}
		return ""
	}
	if name := fn.Pkg().Path() + "." + fn.Name(); parts[fn.Pkg().Path()] && fn.Signature().Recv() == nil && !copiers[name] {
		for _, a := range call.Args {
			if s := t.source(a, depth+1); s != "" {
				return s
			}
		}
		return ""
	}
	if d := t.decls[fn.Origin()]; d != nil && d.Body != nil {
		return t.returned(d, depth)
	}
	return ""
}

// returned returns the server whose memory a function of the package returns,
// or "".
func (t *tracer) returned(d *ast.FuncDecl, depth int) (from string) {
	ast.Inspect(d.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.ReturnStmt:
			for _, x := range n.Results {
				if from == "" {
					from = t.source(x, depth+1)
				}
			}
		}
		return from == ""
	})
	return from
}

// isBuffer reports whether fn, a function of a server, returns a part of a
// buffer.
func isBuffer(fn *types.Func, server string) bool {
	recv := fn.Signature().Recv()
	if server == "fasthttp" {
		return recv != nil && types.Identical(fn.Signature().Results().At(0).Type(), types.NewSlice(types.Typ[types.Byte]))
	}
	if recv == nil {
		p := fn.Signature().Params()
		return p.Len() > 0 && context(p.At(0).Type()) != "" // fiber.Params[string](c, "name")
	}
	t := recv.Type()
	if p, ok := t.(*types.Pointer); ok {
		t = p.Elem()
	}
	named, ok := types.Unalias(t).(*types.Named)
	if !ok {
		return false
	}
	name := named.Obj().Name()
	return (strings.HasSuffix(name, "Ctx") || strings.HasSuffix(name, "Req")) && !copied[fn.Name()]
}

func isString(t types.Type) bool {
	b, ok := t.Underlying().(*types.Basic)
	return ok && b.Info()&types.IsString != 0
}

// anyText reports whether one of the results may be a part of a buffer.
func anyText(results *types.Tuple) bool {
	for i := 0; i < results.Len(); i++ {
		if holdsText(results.At(i).Type()) {
			return true
		}
	}
	return false
}

// holdsText reports whether t is made of strings or bytes, and may refer to a
// buffer.
func holdsText(t types.Type) bool {
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return u.Info()&types.IsString != 0
	case *types.Slice:
		b, ok := u.Elem().Underlying().(*types.Basic)
		return ok && b.Kind() == types.Byte || holdsText(u.Elem())
	case *types.Map:
		return holdsText(u.Elem()) || holdsText(u.Key())
	case *types.Pointer:
		_, isStruct := u.Elem().Underlying().(*types.Struct)
		return isStruct
	case *types.Struct, *types.Interface:
		return true
	}
	return false
}
