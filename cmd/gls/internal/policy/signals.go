package policy

import (
	"go/ast"
	"go/types"
)

// When a goroutine gives a signal.
type when int

const (
	never when = iota
	last       // what follows the signal ends
	early      // something that may take long follows, or it comes in a loop
)

// A signal is how a goroutine tells something.
type signal struct {
	sends, closes, done when
}

// signals returns what the function of a goroutine tells, by the path of the
// channel or group.
func (p *Program) signals(f *frame) map[string]*signal {
	c := collector{p: p, told: map[string]*signal{}, placed: map[ast.Node]bool{}}
	if f != nil && f.fn != nil && f.fn.body != nil {
		c.function(f, true)
	}
	return c.told
}

type collector struct {
	p     *Program
	told  map[string]*signal
	depth int
	exit  bool // what follows the function that is collected from ends
	// placed are the statements and calls of which it is known what follows.
	placed map[ast.Node]bool
}

// function collects from a function; tail says whether what follows it ends.
func (c *collector) function(f *frame, tail bool) {
	c.depth++
	defer func() { c.depth-- }()
	inspectFunc(f.fn.body, func(n ast.Node) {
		if d, ok := n.(*ast.DeferStmt); ok {
			tail = tail && (&search{p: c.p}).block(d, f) == nil
		}
	})
	outer := c.exit
	c.exit = tail
	c.list(f.fn.body.List, f, tail)
	c.exit = outer
	c.sweep(f)
}

// sweep collects what stands anywhere else in a function: in a condition, a
// function literal that is called by others, or a call that is not followed and
// gets the channel or the group. It counts as early.
func (c *collector) sweep(f *frame) {
	info := f.fn.unit.Info
	ast.Inspect(f.fn.body, func(n ast.Node) bool {
		if c.placed[n] {
			return true
		}
		switch n := n.(type) {
		case *ast.SendStmt:
			c.tell(n.Chan, f, false, func(g *signal) *when { return &g.sends })
		case *ast.CallExpr:
			if b, ok := info.Uses[nameOfOr(n.Fun)].(*types.Builtin); ok {
				if b.Name() == "close" {
					c.tell(n.Args[0], f, false, func(g *signal) *when { return &g.closes })
				}
				break
			}
			if sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok && sel.Sel.Name == "Done" && isWaitGroup(info.TypeOf(sel.X)) {
				c.tell(sel.X, f, false, func(g *signal) *when { return &g.done })
			}
			for _, a := range n.Args {
				switch t := info.TypeOf(a); {
				case t == nil:
				case isChan(t) && canSend(info, n, a):
					c.tell(a, f, false, func(g *signal) *when { return &g.sends })
					c.tell(a, f, false, func(g *signal) *when { return &g.closes })
				case isWaitGroup(t):
					c.tell(a, f, false, func(g *signal) *when { return &g.done })
				}
			}
		}
		return true
	})
}

// list collects from statements; tail says whether what follows them ends.
func (c *collector) list(list []ast.Stmt, f *frame, tail bool) {
	for i, stmt := range list {
		rest := tail
		for _, r := range list[i+1:] {
			if _, ok := r.(*ast.ReturnStmt); ok {
				rest = c.exit
			}
		}
		for _, r := range list[i+1:] {
			if !rest {
				break
			}
			rest = (&search{p: c.p}).block(r, f) == nil
		}
		if _, ok := stmt.(*ast.DeferStmt); ok {
			rest = c.exit
		}
		c.stmt(stmt, f, rest)
	}
}

func (c *collector) stmt(stmt ast.Stmt, f *frame, tail bool) {
	switch s := stmt.(type) {
	case *ast.SendStmt:
		c.placed[s] = true
		c.tell(s.Chan, f, tail, func(g *signal) *when { return &g.sends })
	case *ast.ExprStmt:
		if call, ok := ast.Unparen(s.X).(*ast.CallExpr); ok {
			c.call(call, f, tail)
		}
	case *ast.AssignStmt:
		for _, r := range s.Rhs {
			if call, ok := ast.Unparen(r).(*ast.CallExpr); ok {
				c.call(call, f, tail)
			}
		}
	case *ast.ReturnStmt:
		for _, r := range s.Results {
			if call, ok := ast.Unparen(r).(*ast.CallExpr); ok {
				c.call(call, f, tail)
			}
		}
	case *ast.DeferStmt:
		c.call(s.Call, f, tail)
	case *ast.BlockStmt:
		c.list(s.List, f, tail)
	case *ast.LabeledStmt:
		c.stmt(s.Stmt, f, tail)
	case *ast.IfStmt:
		c.list(s.Body.List, f, tail)
		if s.Else != nil {
			c.stmt(s.Else, f, tail)
		}
	case *ast.SwitchStmt:
		c.clauses(s.Body, f, tail)
	case *ast.TypeSwitchStmt:
		c.clauses(s.Body, f, tail)
	case *ast.SelectStmt:
		c.clauses(s.Body, f, tail)
	case *ast.ForStmt:
		c.list(s.Body.List, f, false)
	case *ast.RangeStmt:
		c.list(s.Body.List, f, false)
	}
}

func (c *collector) clauses(body *ast.BlockStmt, f *frame, tail bool) {
	for _, clause := range body.List {
		switch clause := clause.(type) {
		case *ast.CaseClause:
			c.list(clause.Body, f, tail)
		case *ast.CommClause:
			if clause.Comm != nil {
				c.stmt(clause.Comm, f, tail)
			}
			c.list(clause.Body, f, tail)
		}
	}
}

// call collects from a call: close, Done, or a function of the program.
func (c *collector) call(call *ast.CallExpr, f *frame, tail bool) {
	info := f.fn.unit.Info
	if b, ok := info.Uses[nameOfOr(call.Fun)].(*types.Builtin); ok {
		if b.Name() == "close" && len(call.Args) == 1 {
			c.placed[call] = true
			c.tell(call.Args[0], f, tail, func(g *signal) *when { return &g.closes })
		}
		return
	}
	if sel, ok := ast.Unparen(call.Fun).(*ast.SelectorExpr); ok && sel.Sel.Name == "Done" && isWaitGroup(info.TypeOf(sel.X)) {
		c.placed[call] = true
		c.tell(sel.X, f, tail, func(g *signal) *when { return &g.done })
		return
	}
	if g := c.p.target(call, f); g != nil && g.fn != nil && c.depth <= 3 {
		c.placed[call] = true
		c.function(g, tail)
	}
}

func (c *collector) tell(x ast.Expr, f *frame, tail bool, field func(*signal) *when) {
	on := c.p.path(x, f)
	if on == "" {
		return
	}
	if c.told[on] == nil {
		c.told[on] = &signal{}
	}
	w := field(c.told[on])
	switch {
	case !tail:
		*w = early
	case *w == never:
		*w = last
	}
}

// target returns the frame of what a call calls, if it is one function of the
// program.
func (p *Program) target(call *ast.CallExpr, f *frame) *frame {
	info := f.fn.unit.Info
	switch fun := ast.Unparen(call.Fun).(type) {
	case *ast.FuncLit:
		return &frame{fn: p.lits[fun], up: f, call: call, lex: f}
	default:
		if fn, ok := info.Uses[nameOfOr(fun)].(*types.Func); ok {
			if d := p.decl(fn); d != nil && !isAbstract(fn) {
				return &frame{fn: d, up: f, call: call, recv: receiver(call)}
			}
			return nil
		}
		list, ok := p.origins(fun, whole, f)
		if !ok || len(list) != 1 {
			return nil
		}
		if lit, ok := ast.Unparen(list[0].expr).(*ast.FuncLit); ok {
			return &frame{fn: p.lits[lit], up: f, call: call, lex: list[0].at}
		}
	}
	return nil
}
