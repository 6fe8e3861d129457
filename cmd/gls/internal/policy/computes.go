package policy

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"
)

// computing are packages whose functions wait for nothing.
var computing = func() map[string]bool {
	set := map[string]bool{}
	for _, path := range strings.Fields(`bytes cmp container/heap container/list container/ring encoding/base64 encoding/binary
		encoding/hex errors hash/fnv hash/crc32 html maps math math/big math/bits net/netip net/url path
		path/filepath regexp slices sort
		strconv strings unicode unicode/utf16 unicode/utf8`) {
		set[path] = true
	}
	return set
}()

// computes reports whether a loop only computes: it looks at nothing but what
// it has, and waits for nothing. Such a loop ends, or somebody would have
// noticed a busy processor. It must change something, and a loop without a
// condition must have a way out.
func (s *search) computes(n *ast.ForStmt, f *frame) bool {
	if !changes(n) || n.Cond == nil && !hasExit(n.Body) {
		return false
	}
	if n.Cond != nil && !s.ownVariables(n.Cond, f) {
		return false
	}
	return s.pure(n, f, 0)
}

// changes reports whether a loop changes anything. One that does not waits for
// somebody else to.
func changes(n *ast.ForStmt) (found bool) {
	ast.Inspect(n.Body, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IncDecStmt:
			found = true
		case *ast.AssignStmt:
			found = found || n.Tok != token.DEFINE
		}
		return !found
	})
	return found
}

// ownVariables reports whether an expression reads local variables alone.
func (s *search) ownVariables(e ast.Expr, f *frame) bool {
	own := true
	ast.Inspect(e, func(n ast.Node) bool {
		if id, ok := n.(*ast.Ident); ok {
			if v, ok := f.fn.unit.Info.Uses[id].(*types.Var); ok {
				own = own && !v.IsField() && v.Pkg() != nil && v.Parent() != v.Pkg().Scope() && !s.p.addressed[v]
			}
		}
		return own
	})
	return own
}

// hasExit reports whether a return or a break stands in the body of a loop.
func hasExit(body *ast.BlockStmt) (found bool) {
	inspectFunc(body, func(n ast.Node) {
		switch n := n.(type) {
		case *ast.ReturnStmt:
			found = true
		case *ast.BranchStmt:
			found = found || n.Tok == token.BREAK || n.Tok == token.GOTO
		}
	})
	return found
}

// pure reports whether n waits for nothing, and calls only what does not.
func (s *search) pure(n ast.Node, f *frame, depth int) bool {
	info := f.fn.unit.Info
	ok := true
	ast.Inspect(n, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt, *ast.SelectStmt, *ast.SendStmt, *ast.DeferStmt, *ast.FuncLit:
			ok = false
		case *ast.UnaryExpr:
			ok = ok && n.Op != token.ARROW
		case *ast.RangeStmt:
			if t := info.TypeOf(n.X); t == nil || isChan(t) || isFunc(t) {
				ok = false
			}
		case *ast.CallExpr:
			ok = ok && s.pureCall(n, f, depth)
		}
		return ok
	})
	return ok
}

func (s *search) pureCall(call *ast.CallExpr, f *frame, depth int) bool {
	info := f.fn.unit.Info
	if info.Types[call.Fun].IsType() {
		return true
	}
	switch obj := info.Uses[nameOfOr(call.Fun)].(type) {
	case *types.Builtin:
		return true
	case *types.Func:
		if d := s.p.decl(obj); d != nil && !isAbstract(obj) {
			return depth < 3 && s.pure(d.body, &frame{fn: d}, depth+1)
		}
		if obj.Pkg() == nil || isAbstract(obj) {
			return false
		}
		name := obj.FullName()
		return computing[obj.Pkg().Path()] && readers[name] == 0 || strings.HasPrefix(name, "fmt.Sprint") || name == "fmt.Errorf"
	}
	return false
}
