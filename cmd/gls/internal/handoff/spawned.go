package handoff

import (
	"go/ast"
	"go/types"

	"golang.org/x/tools/go/types/typeutil"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
)

// starters has the functions of package spawn that pass the caller's bindings
// to the function that they start, and the index of that argument.
var starters = map[string]int{
	"spawn.Go": 0, "spawn.Start": 0, "spawn.AfterFunc": 1, "spawn.ContextAfterFunc": 1,
	"spawn.Group.Go": 0, "spawn.Group.TryGo": 0, "spawn.WaitGroup.Go": 0,
}

// Spawned returns what n starts with its caller's bindings, if it is a call of
// package spawn.
func Spawned(info *types.Info, n ast.Node) (h Handoff, ok bool) {
	call, ok := n.(*ast.CallExpr)
	if !ok {
		return h, false
	}
	name, recv := glsapi.Func(info, call)
	arg, ok := starters[name]
	if !ok || arg >= len(call.Args) {
		return h, false
	}
	by := Taker{Func: plain(typeutil.StaticCallee(info, call).FullName()), Arg: arg}
	return Handoff{Node: call, Fn: call.Args[arg], Recv: recv, By: by}, true
}
