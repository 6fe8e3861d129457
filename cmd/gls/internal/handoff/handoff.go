// Package handoff knows the ways, other than go statements, by which a function
// reaches another goroutine: libraries that start one, pools, and channels.
package handoff

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
)

// A Taker is a function or method that takes a function as an argument and has
// it called elsewhere, on another goroutine or later. The flag -takers adds
// some.
type Taker struct {
	Func string // as types.Func.FullName gives it, without type parameters
	Arg  int    // which argument, and those after it if the function is variadic
	// Replacement is the function that does the same with the caller's
	// bindings, in the package Path; "" if there is none.
	Path, Replacement string
	// Waits is set if the caller goes on only when the function has paused or
	// ended.
	Waits bool
	// Advice is shown if there is no fix.
	Advice string
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

// A Handoff is a place at which a function is passed to another goroutine.
type Handoff struct {
	Node ast.Node // the call, or the send statement
	Fn   ast.Expr // the function
	Recv ast.Expr // the receiver of the method, if it is one
	By   Taker    // its Func is "" for a send
}

// Find returns the handoffs in n, except functions that are already wrapped.
func Find(info *types.Info, takers map[string]Taker, n ast.Node) (list []Handoff) {
	add := func(h Handoff) {
		if !info.Types[h.Fn].IsNil() && !wrapped(info, h.Fn) {
			list = append(list, h)
		}
	}
	switch n := n.(type) {
	case *ast.SendStmt:
		for _, fn := range functions(info, n.Value) {
			add(Handoff{Node: n, Fn: fn})
		}
	case *ast.CallExpr:
		fn := typeutil.StaticCallee(info, n)
		if fn == nil {
			fn, _ = typeutil.Callee(info, n).(*types.Func) // of an interface
		}
		if fn == nil {
			return nil
		}
		by, found := takers[plain(fn.FullName())]
		if !found || by.Arg >= len(n.Args) || n.Ellipsis.IsValid() {
			return nil
		}
		args := n.Args[by.Arg : by.Arg+1]
		if sig := fn.Signature(); sig.Variadic() && by.Arg == sig.Params().Len()-1 {
			args = n.Args[by.Arg:]
		}
		for _, arg := range args {
			h := Handoff{Node: n, Fn: arg, By: by}
			if sel, ok := ast.Unparen(n.Fun).(*ast.SelectorExpr); ok && info.Selections[sel] != nil {
				h.Recv = sel.X
			}
			add(h)
		}
	}
	return list
}

// functions returns e if it is a function, or the functions in it if it is a
// composite literal.
func functions(info *types.Info, e ast.Expr) (list []ast.Expr) {
	e = ast.Unparen(e)
	if t := info.TypeOf(e); t != nil && isFunc(t) {
		return []ast.Expr{e}
	}
	switch x := e.(type) {
	case *ast.UnaryExpr:
		if x.Op == token.AND {
			return functions(info, x.X)
		}
	case *ast.CompositeLit:
		for _, elem := range x.Elts {
			if kv, ok := elem.(*ast.KeyValueExpr); ok {
				elem = kv.Value
			}
			list = append(list, functions(info, elem)...)
		}
	}
	return list
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
	fn := typeutil.StaticCallee(info, call)
	return fn != nil && fn.Pkg() != nil && fn.Pkg().Path() == glsapi.Gls
}

// What returns a name for the taker of the function.
func (h Handoff) What() string {
	if h.By.Func == "" {
		return "a channel"
	}
	return h.By.Func
}

// Fix returns the function to call instead, for diagnostics, or "" if there is
// no fix.
func (h Handoff) Fix(info *types.Info) string {
	if h.By.Replacement != "" {
		return rewrite.Qualify(h.By.Path, h.By.Replacement)
	}
	if w := rewrite.Wrapper(info.TypeOf(h.Fn)); w != "" {
		return rewrite.Qualify(glsapi.Gls, w)
	}
	return ""
}

// Apply edits the file so that the function gets its caller's bindings. If that
// is not possible, it returns the reason.
func (h Handoff) Apply(info *types.Info, f *rewrite.File) (reason string) {
	if h.By.Replacement != "" && f.Call(h.Node.(*ast.CallExpr), h.By.Path, h.By.Replacement) {
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
