package policy

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A way is how a channel is waited for.
type way int

const (
	once  way = iota // one value, or the end
	drain            // until it is closed
	comes            // in a select whose other cases may not come
	leads            // it is the way out of a loop
)

// boundedChan reports whether a wait on channel x ends: because of a timeout,
// because a context of the request ends, or because the function that started
// the goroutine sends or closes, and no other has the channel.
func (p *Program) boundedChan(x ast.Expr, f *frame, how way) bool {
	if x == nil {
		return false
	}
	list, ok := p.origins(x, whole, f)
	if !ok || len(list) == 0 {
		return false
	}
	for _, o := range list {
		if !p.boundedOrigin(o, how) && !p.boundedLocal(x, f, how) {
			return false
		}
	}
	return true
}

func (p *Program) boundedOrigin(o origin, how way) bool {
	if o.at == nil || o.at.fn == nil {
		return false
	}
	info := o.at.fn.unit.Info
	switch e := ast.Unparen(o.expr).(type) {
	case *ast.CallExpr:
		fn := calleeOf(info, e)
		if fn == nil {
			return false
		}
		switch fn.FullName() {
		case "time.After", "time.Tick":
			return how == once || how == comes
		case "(net/http.CloseNotifier).CloseNotify":
			return true
		case "(context.Context).Done":
			return p.boundedContext(receiver(e), o.at)
		}
		if fn.Name() == "Done" && isContext(info.TypeOf(receiver(e))) {
			return p.boundedContext(receiver(e), o.at)
		}
	case *ast.SelectorExpr:
		if v := variableOf(info, e); v != nil && v.IsField() && v.Pkg() != nil && v.Pkg().Path() == "time" {
			// The owner of the timer can set it again.
			timer := variableOf(info, e.X)
			_, again := p.resets[timer]
			return (how == once || how == comes) && timer != nil && !(again && timer.IsField())
		}
	}
	return false
}

// boundedLocal reports whether x is a channel of the function that starts the
// goroutine, or of one that calls it, which does not leave it, and which it
// closes, or, for one value, sends on. Where it matters, it must do so on every
// way. What closes it in another goroutine must end.
func (p *Program) boundedLocal(x ast.Expr, f *frame, how way) bool {
	v, g := p.variable(x, f)
	if v == nil || !isChan(v.Type()) || g.up == nil && !p.sameWork(g.fn) {
		return false
	}
	u, stays := p.usageOf(v, g)
	if !stays {
		return false
	}
	sends := how == once || how == comes
	found := false
	for _, g := range u.gets {
		found = found || g.closes || sends
	}
	if !found || !p.givers(u) {
		return false
	}
	return how == once || how == drain || p.surely(u, v, g, sends)
}

// variable returns the local variable in which the value of x was made, and the
// frame that it belongs to.
func (p *Program) variable(x ast.Expr, f *frame) (*types.Var, *frame) {
	for range maxFollow {
		if u, ok := ast.Unparen(x).(*ast.UnaryExpr); ok && u.Op == token.AND {
			x = u.X
		}
		id, ok := ast.Unparen(x).(*ast.Ident)
		if !ok || f == nil || f.fn == nil {
			return nil, nil
		}
		v := variableOf(f.fn.unit.Info, id)
		if v == nil {
			return nil, nil
		}
		g, param := f.owner(v)
		switch {
		case g == nil:
			return nil, nil
		case param == whole:
			return v, g
		case param == element:
			x, f = g.recv, g.up
		case g.call != nil && int(param) < len(g.call.Args) && !g.fn.variadic:
			x, f = g.call.Args[param], g.up
		default:
			// All calls must agree, which one call does.
			sites, ok := p.sites(g.fn)
			if !ok || len(sites) != 1 || int(param) >= len(sites[0].call.Args) || g.fn.variadic {
				return nil, nil
			}
			x, f = sites[0].call.Args[param], &frame{fn: sites[0].fn}
		}
		if x == nil {
			return nil, nil
		}
	}
	return nil, nil
}
