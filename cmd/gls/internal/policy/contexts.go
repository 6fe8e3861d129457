package policy

import (
	"go/ast"
	"go/constant"
	"go/types"
	"strings"
	"time"
)

func isContext(t types.Type) bool {
	if t == nil {
		return false
	}
	named, ok := types.Unalias(t).(*types.Named)
	return ok && named.Obj().Name() == "Context" && named.Obj().Pkg() != nil && named.Obj().Pkg().Path() == "context"
}

// boundedContext reports whether the context e ends with the request, or at a
// time that is set.
func (p *Program) boundedContext(e ast.Expr, f *frame) bool {
	b := bounding{p: p, seen: map[ast.Expr]bool{}}
	return b.expr(e, whole, f)
}

// endsWithRequest reports whether the channel x comes at the end of the
// request, or of the function that starts the goroutine: not at a time.
func (p *Program) endsWithRequest(x ast.Expr, f *frame) bool {
	list, _ := p.origins(x, whole, f)
	for _, o := range list {
		call, ok := ast.Unparen(o.expr).(*ast.CallExpr)
		if !ok || o.at == nil || o.at.fn == nil {
			return false
		}
		fn := calleeOf(o.at.fn.unit.Info, call)
		switch {
		case fn == nil: // make
		case fn.Name() != "Done":
			return false
		default:
			b := bounding{p: p, seen: map[ast.Expr]bool{}, untimed: true}
			if !b.expr(receiver(call), whole, o.at) {
				return false
			}
		}
	}
	return len(list) > 0
}

type bounding struct {
	p       *Program
	seen    map[ast.Expr]bool
	untimed bool // a time-out does not count
}

func (b *bounding) expr(e ast.Expr, w part, f *frame) bool {
	if e == nil || f == nil || f.fn == nil || len(b.seen) > 100 {
		return false
	}
	if b.seen[e] {
		return true // the other ways to it decide
	}
	b.seen[e] = true
	list, _ := b.p.origins(e, w, f)
	if len(list) == 0 {
		return false
	}
	for _, o := range list {
		if !b.origin(o) {
			return false
		}
	}
	return true
}

func (b *bounding) origin(o origin) bool {
	if o.at == nil || o.at.fn == nil {
		return false
	}
	info := o.at.fn.unit.Info
	switch e := ast.Unparen(o.expr).(type) {
	case *ast.CallExpr:
		return b.call(e, o.at)
	case *ast.Ident:
		// A parameter that nobody of this program supplies: a handler's.
		v := variableOf(info, e)
		if v == nil {
			return false
		}
		// The contexts of gin, fiber and fasthttp end with the server, if at
		// all.
		g, param := o.at.owner(v)
		return isContext(v.Type()) && g != nil && param >= 0 && g.call == nil && b.p.isHandlerFunc(g.fn)
	}
	return false
}

func (b *bounding) call(call *ast.CallExpr, f *frame) bool {
	info := f.fn.unit.Info
	fn := calleeOf(info, call)
	if fn == nil {
		return false
	}
	switch name := fn.FullName(); name {
	case "context.WithTimeout", "context.WithDeadline", "context.WithTimeoutCause", "context.WithDeadlineCause":
		if b.untimed {
			return b.expr(call.Args[0], whole, f)
		}
		return !isLong(info, call)
	case "context.WithCancel", "context.WithCancelCause":
		return b.expr(call.Args[0], whole, f) || b.p.cancelled(call, f)
	case "golang.org/x/sync/errgroup.WithContext", spawnPath + ".WithContext":
		return b.expr(call.Args[0], whole, f) || b.p.groupWaited(call, f)
	case "context.Background", "context.TODO", "context.WithoutCancel", "os/signal.NotifyContext":
		return false
	case "(*net/http.Request).Context":
		return b.request(receiver(call), f)
	}
	if recv := fn.Signature().Recv(); recv != nil && fn.Name() == "Context" && fn.Pkg() != nil && isStream(fn.Pkg().Path()) {
		return true
	}
	for _, without := range []string{"Detach", "Without", "Background", "Uncancel"} {
		if strings.Contains(fn.Name(), without) {
			return false
		}
	}
	// A function that derives a context from one.
	for _, a := range call.Args {
		if isContext(info.TypeOf(a)) {
			return b.expr(a, whole, f)
		}
	}
	return false
}

// isStream reports whether the Context methods of a package are those of a
// request or a stream, and end with it. Those of fiber and fasthttp do not.
func isStream(path string) bool {
	for _, p := range []string{"google.golang.org/grpc", "connectrpc.com/connect", "storj.io/drpc", "golang.org/x/net/websocket"} {
		if path == p || strings.HasPrefix(path, p+"/") {
			return true
		}
	}
	return false
}

// isLong reports whether a call of WithTimeout gives a constant time that is
// long.
func isLong(info *types.Info, call *ast.CallExpr) bool {
	if len(call.Args) < 2 {
		return false
	}
	v := info.Types[call.Args[1]].Value
	if v == nil {
		return false
	}
	n, ok := constant.Int64Val(constant.ToInt(v))
	return !ok || time.Duration(n) > time.Hour
}

// request reports whether a request is one that is served: not made here.
func (b *bounding) request(e ast.Expr, f *frame) bool {
	list, _ := b.p.origins(e, whole, f)
	for _, o := range list {
		if call, ok := ast.Unparen(o.expr).(*ast.CallExpr); ok && o.at != nil && o.at.fn != nil {
			fn := calleeOf(o.at.fn.unit.Info, call)
			switch {
			case fn == nil:
				return false
			case fn.FullName() == "net/http.NewRequest":
				return false
			case strings.HasSuffix(fn.FullName(), ".NewRequestWithContext"), fn.Name() == "WithContext", fn.Name() == "Clone":
				if len(call.Args) == 0 || !b.expr(call.Args[0], whole, o.at) {
					return false
				}
			}
		}
	}
	return len(list) > 0
}

// program reports whether a function is declared in the program.
func (p *Program) program(fn *types.Func) bool { return p.decls[p.key(fn)] != nil }

// cancelled reports whether the function that makes a context with a cancel
// function defers a call of it, under no condition, and is part of the
// request's work.
func (p *Program) cancelled(call *ast.CallExpr, f *frame) bool {
	if f.up != nil || !p.sameWork(f.fn) {
		return false
	}
	cancel := p.otherResult(call, 1)
	if cancel == nil {
		return false
	}
	found := false
	ast.PreorderStack(f.fn.body, nil, func(n ast.Node, stack []ast.Node) bool {
		if d, ok := n.(*ast.DeferStmt); ok && variableOf(f.fn.unit.Info, d.Call.Fun) == cancel {
			found = found || unconditional(stack, n)
		}
		_, lit := n.(*ast.FuncLit)
		return !lit
	})
	return found
}

// groupWaited reports whether the function that makes a group waits for it, and
// is part of the request's work.
func (p *Program) groupWaited(call *ast.CallExpr, f *frame) bool {
	if f.up != nil || !p.sameWork(f.fn) {
		return false
	}
	group := p.otherResult(call, 0)
	if group == nil {
		return false
	}
	found := false
	ast.PreorderStack(f.fn.body, nil, func(n ast.Node, stack []ast.Node) bool {
		c, ok := n.(*ast.CallExpr)
		if sel, is := waitCall(c, ok); is && variableOf(f.fn.unit.Info, sel) == group {
			found = found || unconditional(stack, n)
		}
		_, lit := n.(*ast.FuncLit)
		return !lit
	})
	return found
}

// sameWork reports whether a call of fn, in which a variable lives that the
// goroutine uses, ends with the work for which the goroutine is started: it
// starts it, at once or through a function literal that it calls itself, or a
// handler reaches it. The function that made a handler does not.
func (p *Program) sameWork(fn *function) bool {
	for at := p.from; at != nil; at = at.outer {
		if at == fn {
			return true
		}
		if at.outer != nil && !p.called[at.node] && (p.bound[at.node] == nil || p.valued(p.bound[at.node], at)) {
			break
		}
	}
	if p.from != nil && contains(fn.node, p.from.node) {
		return false
	}
	_, ok := p.reached[fn]
	return ok
}

// waitCall returns x of a call x.Wait().
func waitCall(c *ast.CallExpr, ok bool) (ast.Expr, bool) {
	if !ok || len(c.Args) > 0 {
		return nil, false
	}
	sel, ok := ast.Unparen(c.Fun).(*ast.SelectorExpr)
	if !ok || sel.Sel.Name != "Wait" {
		return nil, false
	}
	return sel.X, true
}

// otherResult returns the variable that gets a result of a call.
func (p *Program) otherResult(call *ast.CallExpr, result int) *types.Var {
	return p.taken[callResult{call, result}]
}
