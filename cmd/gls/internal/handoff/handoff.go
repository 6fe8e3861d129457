// Package handoff knows the ways, other than go statements, by which a function
// reaches another goroutine: libraries that start one, pools, and channels.
package handoff

import (
	"fmt"
	"go/ast"
	"go/types"
	"strconv"
	"strings"

	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
)

// A Taker is a function or method that has an argument called elsewhere.
type Taker struct {
	Func string // as types.Func.FullName gives it, without type parameters
	Arg  int    // which argument
	// Twin is the function that does the same with the caller's bindings, in
	// the package TwinPath; "" if there is none.
	TwinPath, Twin string
	// Waits is set if whoever calls it goes on only when the function has
	// paused or ended.
	Waits bool
	// Advice stands in for a fix where there is none.
	Advice string
}

const conc = "github.com/sourcegraph/conc"

// Known are the takers that need no configuration.
var Known = []Taker{
	{Func: "time.AfterFunc", Arg: 1, TwinPath: rewrite.Spawn, Twin: "AfterFunc"},
	{Func: "context.AfterFunc", Arg: 1, TwinPath: rewrite.Spawn, Twin: "ContextAfterFunc"},
	{Func: "(*sync.WaitGroup).Go"},
	{Func: "(*golang.org/x/sync/errgroup.Group).Go"},
	{Func: "(*golang.org/x/sync/errgroup.Group).TryGo"},
	{Func: "(*golang.org/x/sync/singleflight.Group).DoChan", Arg: 1,
		Advice: "its result serves all callers: load in gls.Isolate, or call it in gls.CopyContext()"},
	{Func: "iter.Pull", TwinPath: rewrite.Gls, Twin: "Pull", Waits: true},
	{Func: "iter.Pull2", TwinPath: rewrite.Gls, Twin: "Pull2", Waits: true},
	{Func: "net/http.TimeoutHandler", Waits: true,
		Advice: "the handler runs on a goroutine of its own: set bindings inside it, or carry them in the request's context with gls.Into"},
	{Func: "github.com/panjf2000/ants/v2.Submit"},
	{Func: "(*github.com/panjf2000/ants/v2.Pool).Submit"},
	{Func: "(*github.com/panjf2000/ants/v2.MultiPool).Submit"},
	{Func: "(*" + conc + ".WaitGroup).Go"},
	{Func: "(*" + conc + "/pool.Pool).Go"},
	{Func: "(*" + conc + "/pool.ErrorPool).Go"},
	{Func: "(*" + conc + "/pool.ContextPool).Go"},
	{Func: "(*" + conc + "/pool.ResultPool).Go"},
	{Func: "(*" + conc + "/pool.ResultErrorPool).Go"},
	{Func: "(*" + conc + "/pool.ResultContextPool).Go"},
	{Func: "(*" + conc + "/stream.Stream).Go"},
}

// Parse returns the takers of a flag: names as "example.com/pool.Submit" or
// "(*example.com/pool.Pool).Submit", each with ":N" behind it if the function
// is not argument 0, separated by commas.
func Parse(list string) (takers []Taker, err error) {
	for _, s := range strings.Split(list, ",") {
		if s = strings.TrimSpace(s); s == "" {
			continue
		}
		name, arg, found := strings.Cut(s, ":")
		t := Taker{Func: name}
		if found {
			if t.Arg, err = strconv.Atoi(arg); err != nil || t.Arg < 0 {
				return nil, fmt.Errorf("%q: what follows the colon is not the number of an argument", s)
			}
		}
		if !strings.Contains(name, ".") {
			return nil, fmt.Errorf("%q: want package.Function or (*package.Type).Method", s)
		}
		takers = append(takers, t)
	}
	return takers, nil
}

// A Handoff is one place at which a function is handed to another goroutine.
type Handoff struct {
	Node ast.Node // the call, or the send statement
	Fn   ast.Expr // the function
	Recv ast.Expr // the receiver of the method, if it is one
	By   Taker    // its Func is "" for a send
}

// Find returns what n hands over, if anything: not what is wrapped already.
func Find(info *types.Info, takers map[string]Taker, n ast.Node) (h Handoff, ok bool) {
	switch n := n.(type) {
	case *ast.SendStmt:
		if t := info.TypeOf(n.Value); t == nil || !isFunc(t) {
			return h, false
		}
		h = Handoff{Node: n, Fn: n.Value}
	case *ast.CallExpr:
		fn := callee(info, n.Fun)
		if fn == nil {
			return h, false
		}
		by, found := takers[plain(fn.FullName())]
		if !found || by.Arg >= len(n.Args) || n.Ellipsis.IsValid() {
			return h, false
		}
		h = Handoff{Node: n, Fn: n.Args[by.Arg], By: by}
		if sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok && info.Selections[sel] != nil {
			h.Recv = sel.X
		}
	default:
		return h, false
	}
	return h, !info.Types[h.Fn].IsNil() && !wrapped(info, h.Fn)
}

// Index returns the takers by name.
func Index(lists ...[]Taker) map[string]Taker {
	index := map[string]Taker{}
	for _, list := range lists {
		for _, t := range list {
			index[t.Func] = t
		}
	}
	return index
}

func isFunc(t types.Type) bool {
	_, ok := t.Underlying().(*types.Signature)
	return ok
}

func callee(info *types.Info, fun ast.Expr) *types.Func {
	switch x := ast.Unparen(fun).(type) {
	case *ast.Ident:
		fn, _ := info.Uses[x].(*types.Func)
		return fn
	case *ast.SelectorExpr:
		return callee(info, x.Sel)
	case *ast.IndexExpr:
		return callee(info, x.X)
	case *ast.IndexListExpr:
		return callee(info, x.X)
	}
	return nil
}

// plain returns a function's name without the type parameters of its receiver.
func plain(name string) string {
	from, to := strings.IndexByte(name, '['), strings.LastIndexByte(name, ']')
	if from < 0 || to < from {
		return name
	}
	return name[:from] + name[to+1:]
}

// wrapped reports whether e is a call of a function of package gls.
func wrapped(info *types.Info, e ast.Expr) bool {
	call, ok := ast.Unparen(e).(*ast.CallExpr)
	if !ok {
		return false
	}
	fn := callee(info, call.Fun)
	return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == rewrite.Gls
}

// What returns a name for what takes the function.
func (h Handoff) What() string {
	if h.By.Func == "" {
		return "a channel"
	}
	return h.By.Func
}

// Fix returns what to call in place of what is called, for diagnostics; "" if
// there is no fix.
func (h Handoff) Fix(info *types.Info) string {
	if h.By.Twin != "" {
		return rewrite.Qualify(h.By.TwinPath, h.By.Twin)
	}
	if w := rewrite.Wrapper(info.TypeOf(h.Fn)); w != "" {
		return rewrite.Qualify(rewrite.Gls, w)
	}
	return ""
}

// Apply edits the file so that the function gets its caller's bindings. It
// returns why it cannot.
func (h Handoff) Apply(info *types.Info, f *rewrite.File) (reason string) {
	if h.By.Twin != "" && f.Call(h.Node.(*ast.CallExpr), h.By.TwinPath, h.By.Twin) {
		return ""
	}
	w := rewrite.Wrapper(info.TypeOf(h.Fn))
	switch {
	case h.By.Advice != "":
		return h.By.Advice
	case w == "":
		return "no gls.Wrap function is for a " + info.TypeOf(h.Fn).String()
	}
	f.Wrap(h.Fn, w)
	return ""
}
