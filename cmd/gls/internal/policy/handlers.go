package policy

import (
	"go/ast"
	"go/types"
	"strings"
)

// reach returns the functions of the package that a handler of the package
// calls or mentions, directly or through others, with the handler's name.
func (j *Judge) reach() map[*types.Func]string {
	reached := map[*types.Func]string{}
	var visit func(n ast.Node, from string)
	visit = func(n ast.Node, from string) {
		ast.Inspect(n, func(n ast.Node) bool {
			id, ok := n.(*ast.Ident)
			if !ok {
				return true
			}
			fn, ok := j.unit.Info.Uses[id].(*types.Func)
			if !ok {
				return true
			}
			fn = fn.Origin()
			if d := j.decls[fn]; d != nil && reached[fn] == "" {
				reached[fn] = from
				visit(d, from)
			}
			return true
		})
	}
	for _, f := range j.unit.Files {
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok {
				if fn, ok := j.unit.Info.Defs[d.Name].(*types.Func); ok && j.isHandler(fn.Type()) && reached[fn] == "" {
					reached[fn] = fn.Name()
					visit(d, fn.Name())
				}
			}
		}
		ast.Inspect(f, func(n ast.Node) bool {
			if lit, ok := n.(*ast.FuncLit); ok && j.isHandler(j.unit.Info.TypeOf(lit)) {
				visit(lit, "a handler in line "+j.line(lit.Pos()))
			}
			return true
		})
	}
	return reached
}

// handled returns which handler reaches the function at the end of the path.
func (j *Judge) handled(path []ast.Node) string {
	for i := len(path) - 1; i >= 0; i-- {
		switch n := path[i].(type) {
		case *ast.FuncLit:
			if j.isHandler(j.unit.Info.TypeOf(n)) {
				return "it is started by a handler"
			}
		case *ast.FuncDecl:
			fn, _ := j.unit.Info.Defs[n.Name].(*types.Func)
			if fn == nil {
				return ""
			}
			if from := j.reached[fn]; from == fn.Name() {
				return "it is started by the handler " + from
			} else if from != "" {
				return "it is reached from " + from
			}
		}
	}
	return ""
}

// frameworks are modules whose handlers are functions of their type Context.
var frameworks = []string{"github.com/gin-gonic/gin", "github.com/labstack/echo", "github.com/gofiber/fiber"}

// isHandler reports whether functions of type t serve requests: those of
// net/http, of gRPC, func(context.Context, *Request) (*Response, error), and of
// the frameworks.
func (j *Judge) isHandler(t types.Type) bool {
	if t == nil {
		return false
	}
	sig, ok := t.Underlying().(*types.Signature)
	if !ok {
		return false
	}
	params, results := sig.Params(), sig.Results()
	name := func(v *types.Var) string { return types.TypeString(v.Type(), nil) }
	switch params.Len() {
	case 1:
		p := strings.TrimPrefix(name(params.At(0)), "*")
		for _, f := range frameworks {
			if strings.HasPrefix(p, f) && strings.HasSuffix(p, ".Context") || strings.HasPrefix(p, f) && strings.HasSuffix(p, ".Ctx") {
				return true
			}
		}
	case 2:
		if name(params.At(0)) == "net/http.ResponseWriter" && name(params.At(1)) == "*net/http.Request" {
			return true
		}
		return name(params.At(0)) == "context.Context" && isPointer(params.At(1)) &&
			results.Len() == 2 && isPointer(results.At(0)) && name(results.At(1)) == "error"
	}
	return false
}

func isPointer(v *types.Var) bool {
	_, ok := v.Type().Underlying().(*types.Pointer)
	return ok
}
