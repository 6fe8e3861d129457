package policy

import (
	"go/ast"
	"go/types"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/seed18162548/contextvars/cmd/gls/internal/handoff"
	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
)

// A Judge decides about the statements of one package. It is not safe for
// concurrent use, nor are the judges of one program.
type Judge struct {
	program  *Program
	unit     *rewrite.Unit
	policy   Policy
	comments map[line]directive
}

// Judge returns the judge of a package of the program.
func (p *Program) Judge(u *rewrite.Unit) *Judge {
	return &Judge{program: p, unit: u, policy: p.options.Policy, comments: directives(u)}
}

// A matter is what is judged.
type matter struct {
	node   ast.Node // the statement, or the call that takes the function
	start  *start
	doubt  func() *doubt // why what runs cannot be shown to end
	starts []*function   // what runs, as far as it is known
	path   []ast.Node
}

// Go judges a go statement. The path leads to it from the file, without it.
func (j *Judge) Go(stmt *ast.GoStmt, path []ast.Node) Verdict {
	f := &frame{fn: j.program.funcOf(path, j.unit)}
	j.program.begin(f.fn, stmt)
	return j.judge(&matter{
		node:   stmt,
		start:  &start{f: f, node: stmt, stack: belowFunc(path), tells: j.program.signals(j.program.target(stmt.Call, f))},
		doubt:  func() *doubt { return (&search{p: j.program}).call(stmt.Call, f) },
		starts: j.program.mentioned(stmt.Call, f.fn),
		path:   path,
	})
}

// Callback judges a handoff. The path leads to its node from the file.
func (j *Judge) Callback(h handoff.Handoff, path []ast.Node) Verdict {
	if v, settled := j.settled(h.Node); h.By.Waits && !settled {
		v.Class, v.Reason = Inherit, "its caller waits for it"
		return v
	}
	f := &frame{fn: j.program.funcOf(path, j.unit)}
	if f.fn == nil {
		return Verdict{Class: Undecided, Reason: "it stands in the initialization of a package-level variable"}
	}
	j.program.begin(f.fn, h.Node)
	m := &matter{node: h.Node, path: path, starts: j.program.mentioned(h.Fn, f.fn)}
	m.start = &start{f: f, node: h.Node, stack: belowFunc(path), tells: map[string]*signal{}}
	for _, fn := range m.starts {
		if fn.obj == nil {
			m.start.tells = j.program.signals(&frame{fn: fn, up: f, lex: f})
		}
	}
	if on := j.program.path(h.Recv, f); h.Recv != nil && on != "" {
		m.start.tells[on] = &signal{done: last}
	}
	m.doubt = func() *doubt { return j.program.handedOver(h, f, path) }
	return j.judge(m)
}

// begin prepares the program for the search that begins at a statement of fn.
func (p *Program) begin(fn *function, start ast.Node) {
	p.from, p.start, p.ending = fn, start, map[ast.Node]bool{}
}

func (j *Judge) judge(m *matter) Verdict {
	v, settled := j.settled(m.node)
	if settled {
		return v
	}
	v.Class, v.Reason = j.decide(m)
	v.AtStart = j.atStart(m)
	if j.policy == All && v.Class != Inherit {
		v.Class, v.Reason = Inherit, "policy all, although: "+v.Reason
	}
	return v
}

// decide returns the class of what is started, and why.
func (j *Judge) decide(m *matter) (Class, string) {
	p, fn := j.program, m.start.f.fn
	if by := j.startedBy(m.path); by == "main" || by == "init" {
		return Lifetime, "it is started from " + by
	}
	sure, any := p.waited(m.start, 0)
	if sure != nil {
		return Inherit, "its function waits for it in line " + j.line(sure.node)
	}
	handled := p.handled(fn)
	if _, once := p.once[fn]; once && handled == "" {
		return Lifetime, "it is started once, by whoever comes first"
	}
	d := m.doubt()
	for _, started := range m.starts {
		if d == nil {
			d = p.restarts(started)
		}
	}
	if d != nil {
		return j.doubted(d, m)
	}
	if p.first(fn, m.node, m.start.stack) {
		return Undecided, "only the first of several callers starts it, for all of them"
	}
	switch by := j.startedBy(m.path); {
	case handled != "":
		return Inherit, "it ends, and " + handled
	case any != nil:
		return Inherit, "it ends, and its function waits for it in line " + j.line(any.node)
	case by != "":
		return Lifetime, "it is started from " + by
	}
	return Undecided, "nothing waits for it, and no handler reaches it"
}

// atStart reports whether something that makes a program ready starts it, and
// no request is known to lead there.
func (j *Judge) atStart(m *matter) bool {
	p := j.program
	by := j.startedBy(m.path)
	if by == "main" || by == "init" {
		return true
	}
	if p.touched == nil {
		p.touched = p.spread(p.handlers(), true)
	}
	_, touched := p.touched[m.start.f.fn]
	_, once := p.once[m.start.f.fn]
	return by != "" && !touched && !once
}

// doubted returns the class of what cannot be shown to end, and why. The call
// that starts it is not part of the chain.
func (j *Judge) doubted(d *doubt, m *matter) (Class, string) {
	short := *d
	if len(short.chain) > 0 && m.node.Pos() <= short.chain[0].pos && short.chain[0].pos < m.node.End() {
		short.chain = short.chain[1:]
	}
	class := Undecided
	if d.lives {
		class = Lifetime
	}
	return class, short.reason(j.unit.Fset.PositionFor(m.node.Pos(), false).Filename)
}

// startedBy returns the name of the function that makes a program, or a part of
// it, ready, and on whose way a statement is; or "".
func (j *Judge) startedBy(path []ast.Node) string {
	for i := len(path) - 1; i >= 0; i-- {
		switch n := path[i].(type) {
		case *ast.FuncLit:
			if j.program.isHandler(j.unit.Info.TypeOf(n)) {
				return "" // its caller is a server, not the function around it
			}
			if i > 0 {
				if call, ok := path[i-1].(*ast.CallExpr); ok {
					if fn := calleeOf(j.unit.Info, call); fn != nil && isOnce(fn) {
						return ""
					}
				}
			}
		case *ast.FuncDecl:
			if setsUp(n, j.unit.Pkg) {
				return n.Name.Name
			}
		}
	}
	return ""
}

// setsUp reports whether d is of the functions that make a program, or a part
// of it, ready.
func setsUp(d *ast.FuncDecl, pkg *types.Package) bool {
	name := d.Name.Name
	if d.Recv == nil && (name == "init" || name == "main" && pkg.Name() == "main") {
		return true
	}
	for _, verb := range []string{"New", "Start", "Run"} {
		rest, ok := strings.CutPrefix(name, verb)
		if first, _ := utf8.DecodeRuneInString(rest); ok && (rest == "" || !unicode.IsLower(first)) {
			return true
		}
	}
	return false
}

func (j *Judge) line(n ast.Node) string {
	return strconv.Itoa(j.unit.Fset.PositionFor(n.Pos(), false).Line)
}

// belowFunc returns the part of a path from the body of the innermost function.
func belowFunc(path []ast.Node) []ast.Node {
	for i := len(path) - 1; i >= 0; i-- {
		switch path[i].(type) {
		case *ast.FuncLit, *ast.FuncDecl:
			return append([]ast.Node(nil), path[i+1:]...)
		}
	}
	return nil
}
