// Package policy decides which goroutines inherit the bindings of those that
// start them.
//
// The worst outcome is that a goroutine which lives as long as the process gets
// the identity of the request that happened to start it. So what may live long
// is looked for first, and what nothing tells about is left alone and reported.
package policy

import (
	"fmt"
	"go/ast"
	"go/types"

	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
)

// A Policy is how much is rewritten.
type Policy string

const (
	Safe Policy = "safe" // what is known to live no longer than its starter's work
	All  Policy = "all"  // everything that no comment settles
	None Policy = "none" // nothing, not even what comments settle
)

// Parse returns the policy of a -policy flag.
func Parse(s string) (Policy, error) {
	switch p := Policy(s); p {
	case Safe, All, None:
		return p, nil
	}
	return "", fmt.Errorf("unknown policy %q: it is safe, all or none", s)
}

// A Class says what a goroutine should be given.
type Class string

const (
	Inherit   Class = "inherit"   // a copy of its starter's bindings
	Lifetime  Class = "lifetime"  // nothing: it may live as long as the process
	Detach    Class = "detach"    // nothing, as a comment says
	Ignore    Class = "ignore"    // whatever it gets, as a comment says
	Undecided Class = "undecided" // a person must decide
	Skipped   Class = "skipped"   // not judged: its file is left alone
)

// A Verdict is the class of one statement and why it has it.
type Verdict struct {
	Class  Class
	Reason string
	// Invalid is what is wrong with a comment that was meant to settle it.
	Invalid string
}

// A Judge decides about the statements of one package. It is not safe for
// concurrent use.
type Judge struct {
	unit     *rewrite.Unit
	policy   Policy
	comments map[line]directive
	decls    map[*types.Func]*ast.FuncDecl
	reached  map[*types.Func]string // functions that handlers reach, and from which
}

// NewJudge returns the judge of a package.
func NewJudge(u *rewrite.Unit, p Policy) *Judge {
	j := &Judge{
		unit:     u,
		policy:   p,
		comments: directives(u),
		decls:    map[*types.Func]*ast.FuncDecl{},
	}
	for _, f := range u.Files {
		for _, d := range f.Decls {
			if d, ok := d.(*ast.FuncDecl); ok {
				if fn, ok := u.Info.Defs[d.Name].(*types.Func); ok {
					j.decls[fn] = d
				}
			}
		}
	}
	j.reached = j.reach()
	return j
}

// Go judges a go statement. The path leads to it from the file, without it.
func (j *Judge) Go(stmt *ast.GoStmt, path []ast.Node) Verdict {
	return j.judge(stmt, stmt.Call.Fun, path, func() string { return j.waited(stmt, path) })
}

// Callback judges a node that hands the function fn to another goroutine, by a
// method of recv if that is not nil. Waits reports that the caller goes on only
// when fn has paused or ended.
func (j *Judge) Callback(n ast.Node, fn, recv ast.Expr, waits bool, path []ast.Node) Verdict {
	if v, settled := j.settled(n); waits && !settled {
		v.Class, v.Reason = Inherit, "its caller waits for it"
		return v
	}
	return j.judge(n, fn, path, func() string { return j.waitedOn(recv, n, path) })
}

func (j *Judge) judge(n ast.Node, fn ast.Expr, path []ast.Node, waited func() string) Verdict {
	v, settled := j.settled(n)
	if settled {
		return v
	}
	reason := j.longLived(fn, path)
	switch {
	case reason != "":
		v.Class, v.Reason = Lifetime, reason
	default:
		if reason = waited(); reason == "" {
			// Nothing bounds it: then a loop that may end is no better than
			// one that does not.
			if pos := j.loop(fn, isOpen, map[ast.Node]bool{}); pos.IsValid() {
				v.Class, v.Reason = Lifetime, "only a statement inside ends its loop in line "+j.line(pos)
				break
			}
			reason = j.handled(path)
		}
		if reason != "" {
			v.Class, v.Reason = Inherit, reason
		} else {
			v.Class, v.Reason = Undecided, "nothing waits for it, and no handler of this package reaches it"
		}
	}
	if j.policy == All && v.Class != Inherit {
		v.Class, v.Reason = Inherit, "policy all, although: "+v.Reason
	}
	return v
}

// callee returns the declaration in this package of the function that e names.
func (j *Judge) callee(e ast.Expr) *ast.FuncDecl {
	var id *ast.Ident
	switch e := ast.Unparen(e).(type) {
	case *ast.Ident:
		id = e
	case *ast.SelectorExpr:
		id = e.Sel
	case *ast.IndexExpr:
		return j.callee(e.X)
	case *ast.IndexListExpr:
		return j.callee(e.X)
	default:
		return nil
	}
	fn, ok := j.unit.Info.Uses[id].(*types.Func)
	if !ok {
		return nil
	}
	return j.decls[fn.Origin()]
}
