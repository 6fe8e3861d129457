package main

import (
	"sync"

	"github.com/jtolds/gls"

	"github.com/seed18162548/contextvars/bench/internal/contender"
)

// jtoldsKey is the type of the keys of jtolds/gls's values, which may have any.
type jtoldsKey int

// Keys below these are other variables.
const (
	jtoldsProbe = jtoldsKey(contender.MaxVars + iota)
	jtoldsRequest
	jtoldsUser
	jtoldsTenant
)

// jtoldsPeer is github.com/jtolds/gls: it writes an identity into the stack, as
// a series of calls, and reads it back from the callers' addresses.
func jtoldsPeer() contender.Contender {
	manager := gls.NewContextManager()
	values := func(vars int) gls.Values {
		v := make(gls.Values, vars)
		for i := range vars {
			v[jtoldsKey(i)] = contender.Value(i)
		}
		return v
	}
	get := func(n int) {
		sum := 0
		for range n {
			x, _ := manager.GetValue(jtoldsProbe)
			i, _ := x.(int)
			sum += i
		}
		contender.Keep(sum)
	}
	beside := func(loop contender.Loop) func(int) contender.Case {
		return func(vars int) contender.Case {
			return func(run func(contender.Loop)) { manager.SetValues(values(vars), func() { run(loop) }) }
		}
	}
	bound := func(vars int) contender.Case {
		return func(run func(contender.Loop)) {
			all := values(vars - 1)
			all[jtoldsProbe] = contender.Value(0)
			manager.SetValues(all, func() { run(get) })
		}
	}
	hold := func(park func()) { manager.SetValues(gls.Values{jtoldsProbe: contender.Value(0)}, park) }
	return contender.Contender{
		Name:      "jtolds",
		Module:    "github.com/jtolds/gls",
		About:     "an identity encoded in the stack by calls, found by walking it",
		Lacks:     "Set: values last for a call of a function, so nothing can be left behind; tokens, copies, types; the cost of Get grows with the depth of the stack, which is shallow here",
		Get:       bound,
		GetNewest: bound,
		Unset:     beside(get),
		Set: beside(func(n int) {
			body := func() {}
			for i := range n {
				manager.SetValues(gls.Values{jtoldsProbe: contender.Value(i)}, body)
			}
		}),
		Spawn: beside(func(n int) {
			var done sync.WaitGroup
			child := func() { done.Done() }
			for range n {
				done.Add(1)
				gls.Go(child)
				done.Wait()
			}
		}),
		Request: func() contender.Case {
			return func(run func(contender.Loop)) { run(func(n int) { serveJtolds(manager, n) }) }
		},
		Hold:  hold,
		Leave: func() { hold(func() {}) },
	}
}

func serveJtolds(manager *gls.ContextManager, n int) {
	request, user, tenant := contender.Identity()
	sum := 0
	read := func(key jtoldsKey) int {
		x, _ := manager.GetValue(key)
		return len(x.(string))
	}
	for range n {
		manager.SetValues(gls.Values{jtoldsRequest: request, jtoldsUser: user, jtoldsTenant: tenant}, func() {
			for range 3 {
				sum += read(jtoldsRequest) + read(jtoldsUser) + read(jtoldsTenant)
			}
			sum += read(jtoldsRequest)
		})
	}
	contender.Keep(sum)
}
