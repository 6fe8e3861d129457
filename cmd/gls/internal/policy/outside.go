package policy

import (
	"go/ast"
	"go/token"
	"go/types"
	"strings"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
)

const spawnPath = glsapi.Spawn

// outside searches a call of a function that is not part of the program: the
// tables say which end, and what else is known.
func (s *search) outside(fn *types.Func, call *ast.CallExpr, pos token.Pos, f *frame) *doubt {
	if d, known := s.knownMethod(fn, call, pos, f); known {
		if d == nil && call != nil {
			return s.callbacks(fn, call, f)
		}
		return d
	}
	if fn.Pkg() == nil {
		return nil // error.Error
	}
	name := fn.FullName()
	why, lives := lasting[name]
	switch {
	case strings.HasPrefix(name, "(*os/exec.Cmd).") && lives && call != nil && s.p.commandEnds(receiver(call), f):
		return nil
	case lives:
		return s.lives(f, pos, "calls "+typeName(fn)+" @, which "+why)
	case readers[name] != 0:
		if call != nil && s.p.finite(argumentOrReceiver(call, readers[name]), f, s.endingBody(name, call, f)) {
			return nil
		}
		return s.lives(f, pos, "calls "+typeName(fn)+" @, which reads until the other side ends")
	case standard(fn.Pkg().Path()) && !open[fn.Pkg().Path()], trusted(fn.Pkg().Path()), answers(fn), ofRequest(fn):
		if call != nil {
			return s.callbacks(fn, call, f)
		}
		return nil
	case s.givenContext(call, f):
		return s.callbacks(fn, call, f)
	}
	return s.unknown(f, pos, "calls "+typeName(fn)+" @, and package "+fn.Pkg().Path()+" is not looked at")
}

// callbacks searches the functions that a call outside is given: it may call
// them.
func (s *search) callbacks(fn *types.Func, call *ast.CallExpr, f *frame) *doubt {
	if starters[fn.FullName()] {
		return nil
	}
	info := f.fn.unit.Info
	for _, a := range call.Args {
		t := info.TypeOf(a)
		if t == nil || !isFunc(t) || info.Types[a].IsNil() {
			continue
		}
		list, ok := s.p.origins(a, whole, f)
		if !ok {
			return s.unknown(f, a.Pos(), "passes a function @ of which nothing is known: "+exprString(a))
		}
		for _, o := range list {
			if d := s.called(o, a.Pos(), f, nil); d != nil {
				return d
			}
		}
	}
	return nil
}

// givenContext reports whether a call of another module gets a context that
// ends with the request, or at a time: then it is taken to return at its end.
func (s *search) givenContext(call *ast.CallExpr, f *frame) bool {
	if call == nil || len(call.Args) == 0 {
		return false
	}
	t := f.fn.unit.Info.TypeOf(call.Args[0])
	return isContext(t) && s.p.boundedContext(call.Args[0], f)
}

// knownMethod says what is known of a method that is waited in, or that is
// called through an interface of the standard library.
func (s *search) knownMethod(fn *types.Func, call *ast.CallExpr, pos token.Pos, f *frame) (d *doubt, known bool) {
	recv := fn.Signature().Recv()
	if recv == nil {
		return nil, false
	}
	if fn.Name() == "Wait" && isWaitGroup(recv.Type()) {
		if call != nil && s.p.waitsForOwn(receiver(call), f) {
			return nil, true
		}
		return s.lives(f, pos, "waits @ for a group that outlives the request"), true
	}
	if fn.Pkg() == nil {
		return nil, true
	}
	if !isAbstract(fn) {
		return nil, false
	}
	name := fn.FullName()
	if why, ok := lasting[name]; ok {
		return s.lives(f, pos, "calls "+typeName(fn)+" @, which "+why), true
	}
	if readers[name] != 0 {
		if call != nil && s.p.finite(receiver(call), f, true) {
			return nil, true
		}
		return s.lives(f, pos, "calls "+typeName(fn)+" @, which waits for the other side"), true
	}
	if standard(fn.Pkg().Path()) && !callsBack[name] {
		return nil, true
	}
	return nil, trusted(fn.Pkg().Path()) || answers(fn) || ofRequest(fn)
}

// isWaitGroup reports whether t is a group of goroutines that is waited for.
func isWaitGroup(t types.Type) bool {
	named := namedOf(t)
	if named == nil || named.Obj().Pkg() == nil {
		return false
	}
	switch named.Obj().Pkg().Path() + "." + named.Obj().Name() {
	case "sync.WaitGroup", "golang.org/x/sync/errgroup.Group", spawnPath + ".Group", spawnPath + ".WaitGroup",
		"github.com/sourcegraph/conc.WaitGroup":
		return true
	}
	return strings.HasPrefix(named.Obj().Pkg().Path(), "github.com/sourcegraph/conc/")
}

// isMade reports whether a group is made where its variable is declared: it is
// the variable, or what the variable points to stands alone.
func (p *Program) isMade(v *types.Var) bool {
	if _, pointer := v.Type().Underlying().(*types.Pointer); !pointer {
		return true
	}
	for _, a := range p.assigned[v] {
		switch e := ast.Unparen(a.expr).(type) {
		case *ast.UnaryExpr:
			if _, lit := ast.Unparen(e.X).(*ast.CompositeLit); !lit {
				return false
			}
		case *ast.CallExpr:
			if fn := calleeOf(a.unit.Info, e); fn != nil && p.program(fn) {
				return false
			}
		default:
			return false
		}
	}
	return len(p.assigned[v]) > 0
}

// waitsForOwn reports whether x is a group that is a variable of a function
// that led here, and so of the same work.
func (p *Program) waitsForOwn(x ast.Expr, f *frame) bool {
	v, g := p.variable(x, f)
	if v != nil {
		return !v.IsField() && p.isMade(v) && (g.up != nil || p.sameWork(g.fn)) && p.members(v, g, 0)
	}
	// A pointer to one, made here.
	list, ok := p.origins(x, whole, f)
	if !ok || len(list) == 0 {
		return false
	}
	for _, o := range list {
		switch e := ast.Unparen(o.expr).(type) {
		case *ast.UnaryExpr:
			if _, lit := ast.Unparen(e.X).(*ast.CompositeLit); !lit {
				return false
			}
		case *ast.CallExpr:
		default:
			return false
		}
	}
	return true
}
