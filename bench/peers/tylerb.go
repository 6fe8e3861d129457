package main

import (
	"strconv"
	"sync"

	"github.com/tylerb/gls"

	"github.com/seed18162548/contextvars/bench/internal/contender"
)

// tylerbProbe is the key that is read.
const tylerbProbe = "probe"

// tylerbPeer is github.com/tylerb/gls: a map from goroutine IDs, taken from
// stack traces, to maps of values, behind one lock.
func tylerbPeer() contender.Contender {
	names := make([]string, contender.MaxVars)
	for i := range names {
		names[i] = "other_" + strconv.Itoa(i)
	}
	bind := func(n int, f func()) {
		for i, name := range names[:n] {
			gls.Set(name, contender.Value(i))
		}
		defer gls.Cleanup()
		f()
	}
	beside := func(loop contender.Loop) func(int) contender.Case {
		return func(vars int) contender.Case {
			return func(run func(contender.Loop)) { bind(vars, func() { run(loop) }) }
		}
	}
	get := func(n int) {
		sum := 0
		for range n {
			i, _ := gls.Get(tylerbProbe).(int)
			sum += i
		}
		contender.Keep(sum)
	}
	bound := func(vars int) contender.Case {
		return func(run func(contender.Loop)) {
			gls.Set(tylerbProbe, contender.Value(0))
			bind(vars-1, func() { run(get) })
		}
	}
	return contender.Contender{
		Name:      "tylerb",
		Module:    "github.com/tylerb/gls",
		About:     "goroutine IDs from stack traces, one map of maps behind one lock",
		Lacks:     "tokens, copies, types, and to remove one value (it is set to nil here); the child of Go shares its parent's map instead of a copy; forgets nothing by itself",
		Get:       bound,
		GetNewest: bound,
		Unset:     beside(get),
		Set: beside(func(n int) {
			for i := range n {
				gls.Set(tylerbProbe, contender.Value(i))
				gls.Set(tylerbProbe, nil)
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
		Request: func() contender.Case { return func(run func(contender.Loop)) { run(serveTylerb) } },
		Hold: func(park func()) {
			gls.Set(tylerbProbe, contender.Value(0))
			park()
			gls.Cleanup()
		},
		Leave: func() { gls.Set(tylerbProbe, contender.Value(0)) },
	}
}

func serveTylerb(n int) {
	request, user, tenant := contender.Identity()
	read := func(key string) int { return len(gls.Get(key).(string)) }
	sum := 0
	for range n {
		gls.With(gls.Values{"request": request, "user": user, "tenant": tenant}, func() {
			for range 3 {
				sum += read("request") + read("user") + read("tenant")
			}
			sum += read("request")
		})
	}
	contender.Keep(sum)
}
