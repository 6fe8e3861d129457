package policy

import (
	"go/ast"
	"go/token"
	"go/types"
)

// A search looks for anything that may prevent a goroutine from ending: loops
// without a bound, receives, and calls about which nothing is known.
type search struct {
	p     *Program
	steps int
	stack []*frame
	// assumed is set once a function was taken to end because it is being
	// searched further up: then what is found holds here only.
	assumed bool
	// looping counts the loops around, but those that end with the request.
	looping int
	// iterating counts the range statements over functions that are searched:
	// what these call, if it is a parameter, is the body of the loop.
	iterating int
}

// maxSteps is the maximum number of steps of a search. If it is reached, the
// calls are so deep that a person could not follow the chain either.
const maxSteps = 4000

// function searches the function of a frame.
func (s *search) function(f *frame) *doubt {
	results := s.p.results
	if s.looping > 0 {
		results = s.p.looped
	}
	if d, ok := results[f.fn]; ok && !s.p.depends(f.fn) {
		if d == noDoubt {
			return nil
		}
		return d
	}
	s.steps++
	if s.steps > maxSteps || f.depth() > maxFollow+4 {
		return &doubt{unit: f.fn.unit, pos: f.fn.node.Pos(), what: "calls too deep to be followed, @"}
	}
	s.stack = append(s.stack, f)
	before := s.assumed
	s.assumed = false
	d := s.block(f.fn.body, f)
	assumed := s.assumed
	s.assumed = assumed || before
	s.stack = s.stack[:len(s.stack)-1]
	switch {
	case s.p.depends(f.fn):
	case d != nil:
		results[f.fn] = d
	case !assumed:
		results[f.fn] = noDoubt
	}
	return d
}

// depends reports whether how fn ends can depend on who calls it: it is a
// literal, or has parameters that it could wait for or call.
func (p *Program) depends(fn *function) bool {
	if fn.obj == nil {
		return true
	}
	for _, v := range append(fn.params, fn.recv) {
		if v == nil {
			continue
		}
		switch t := v.Type().Underlying().(type) {
		case *types.Chan, *types.Signature, *types.Interface, *types.Slice, *types.Map:
			return true
		case *types.Pointer:
			if isWaitGroup(t) {
				return true
			}
		}
	}
	return false
}

// block searches statements, or an expression. Function literals in it are
// searched where they are called.
func (s *search) block(n ast.Node, f *frame) (found *doubt) {
	if n == nil {
		return nil
	}
	ast.Inspect(n, func(n ast.Node) bool {
		if found != nil {
			return false
		}
		switch n := n.(type) {
		case *ast.FuncLit:
			return false
		case *ast.GoStmt:
			// What it starts is judged by itself; its arguments are
			// evaluated here.
			found = s.list(n.Call.Args, f)
			return false
		case *ast.SelectStmt:
			found = s.selects(n, f)
			return false
		case *ast.UnaryExpr:
			if n.Op == token.ARROW {
				found = s.receive(n.X, n.Pos(), f)
			}
		case *ast.CallExpr:
			found = s.call(n, f)
		case *ast.ForStmt:
			if found = s.loop(n, f); found == nil {
				found = s.parts(f, !s.leavesWithRequest(n, f), n.Init, n.Cond, n.Post, n.Body)
			}
			return false
		case *ast.RangeStmt:
			if found = s.ranges(n, f); found == nil {
				found = s.block(n.X, f)
			}
			if found == nil {
				found = s.parts(f, true, n.Body)
			}
			return false
		case *ast.BranchStmt:
			if n.Tok == token.GOTO && f.fn.label(n.Label.Name) < n.Pos() {
				found = s.lives(f, n.Pos(), "goes back @ with a goto")
			}
		}
		return found == nil
	})
	return found
}

// parts searches the parts of a loop.
func (s *search) parts(f *frame, counted bool, parts ...ast.Node) *doubt {
	if counted {
		s.looping++
		defer func() { s.looping-- }()
	}
	for _, n := range parts {
		if d := s.block(n, f); d != nil {
			return d
		}
	}
	return nil
}

func (s *search) list(list []ast.Expr, f *frame) *doubt {
	for _, e := range list {
		if d := s.block(e, f); d != nil {
			return d
		}
	}
	return nil
}

// lives returns a doubt about a statement that may take a long time.
func (s *search) lives(f *frame, pos token.Pos, what string) *doubt {
	return &doubt{unit: f.fn.unit, pos: pos, what: what, lives: true}
}

// unknown returns a doubt about a call about which nothing is known.
func (s *search) unknown(f *frame, pos token.Pos, what string) *doubt {
	return &doubt{unit: f.fn.unit, pos: pos, what: what}
}

// label returns the position of a label in fn.
func (fn *function) label(name string) (pos token.Pos) {
	ast.Inspect(fn.body, func(n ast.Node) bool {
		if l, ok := n.(*ast.LabeledStmt); ok && l.Label.Name == name {
			pos = l.Pos()
		}
		return true
	})
	return pos
}

// selects searches a select statement: one of its cases must be sure to come,
// or none waits.
func (s *search) selects(n *ast.SelectStmt, f *frame) *doubt {
	var (
		bounded = false // one of the cases comes
		request = false // one comes at the end of the request
		others  = false // some of the cases are for what others send
	)
	for _, c := range n.Body.List {
		switch comm := c.(*ast.CommClause).Comm.(type) {
		case nil, *ast.SendStmt:
			bounded = true
		default:
			x := received(comm)
			is := s.p.boundedChan(x, f, comes)
			bounded = bounded || is
			request = request || is && s.p.endsWithRequest(x, f)
			others = others || !is
		}
	}
	switch {
	case !bounded:
		return s.lives(f, n.Pos(), "waits @ in a select for what outlives the request")
	case others && !request && s.looping > 0:
		return s.lives(f, n.Pos(), "takes in a loop @ what comes from a channel that outlives the request")
	}
	for _, c := range n.Body.List {
		c := c.(*ast.CommClause)
		switch comm := c.Comm.(type) {
		case *ast.SendStmt:
			if d := s.block(comm, f); d != nil {
				return d
			}
		}
		if e := received(c.Comm); e != nil {
			if d := s.block(e, f); d != nil {
				return d
			}
		}
		for _, stmt := range c.Body {
			if d := s.block(stmt, f); d != nil {
				return d
			}
		}
	}
	return nil
}

// received returns the channel of a receive in a select, or nil.
func received(comm ast.Stmt) ast.Expr {
	var e ast.Expr
	switch c := comm.(type) {
	case *ast.ExprStmt:
		e = c.X
	case *ast.AssignStmt:
		e = c.Rhs[0]
	}
	if u, ok := ast.Unparen(e).(*ast.UnaryExpr); ok && u.Op == token.ARROW {
		return u.X
	}
	return nil
}

// receive searches a receive from channel x.
func (s *search) receive(x ast.Expr, pos token.Pos, f *frame) *doubt {
	if s.p.boundedChan(x, f, once) || s.p.isSlot(x, f) {
		return nil
	}
	return s.lives(f, pos, "waits @ for a channel that outlives the request")
}
