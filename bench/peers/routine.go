package main

import (
	"sync"

	"github.com/timandy/routine"

	"github.com/seed18162548/contextvars/bench/internal/contender"
)

// routinePeer is github.com/timandy/routine: thread locals as in Java, in a
// structure of the goroutine's own that hangs where the runtime keeps the
// goroutine's profiler labels.
func routinePeer() contender.Contender {
	// A goroutine's table reaches up to the local that was made last of those
	// that it sets, so the ones that are used most are made first.
	var (
		probe   = routine.NewThreadLocal[int]()
		request = routine.NewThreadLocal[string]()
		user    = routine.NewThreadLocal[string]()
		tenant  = routine.NewThreadLocal[string]()
		linked  = routine.NewThreadLocal[*routineLink]()
		others  = make([]routine.ThreadLocal[int], contender.MaxVars)
		handed  = make([]routine.ThreadLocal[int], contender.MaxVars) // inheritable
	)
	for i := range others {
		others[i] = routine.NewThreadLocal[int]()
		handed[i] = routine.NewInheritableThreadLocal[int]()
	}
	bind := func(vars []routine.ThreadLocal[int], f func()) {
		for i, v := range vars {
			v.Set(contender.Value(i))
			defer v.Remove()
		}
		f()
	}
	beside := func(loop contender.Loop) func(int) contender.Case {
		return func(vars int) contender.Case {
			return func(run func(contender.Loop)) { bind(others[:vars], func() { run(loop) }) }
		}
	}
	get := func(n int) {
		sum := 0
		for range n {
			sum += probe.Get()
		}
		contender.Keep(sum)
	}
	set := func(n int) {
		for i := range n {
			probe.Set(contender.Value(i))
			probe.Remove()
		}
	}
	bound := func(vars int) contender.Case {
		return func(run func(contender.Loop)) {
			probe.Set(contender.Value(0))
			defer probe.Remove()
			bind(others[:vars-1], func() { run(get) })
		}
	}
	return contender.Contender{
		Name:      "routine",
		Module:    "github.com/timandy/routine",
		About:     "thread locals that replace the goroutine's profiler labels",
		Lacks:     "tokens, copies, and to tell unset from set; Get of an unset variable binds it; values vanish at pprof.Do, whose slot they are in, and its Go recovers and prints panics",
		Get:       bound,
		GetNewest: bound,
		GetLatency: func(vars int) contender.Case {
			return func(run func(contender.Loop)) {
				linked.Set(&routineLink{contender.Value(0), linked})
				defer linked.Remove()
				bind(others[:vars-1], func() { run(func(n int) { followRoutine(linked, n) }) })
			}
		},
		Unset: beside(get),
		Set:   beside(set),
		Spawn: func(vars int) contender.Case {
			return func(run func(contender.Loop)) {
				bind(handed[:vars], func() {
					run(func(n int) {
						var done sync.WaitGroup
						child := func() { done.Done() }
						for range n {
							done.Add(1)
							routine.Go(child)
							done.Wait()
						}
					})
				})
			}
		},
		Request: func() contender.Case {
			return func(run func(contender.Loop)) {
				run(func(n int) {
					r, u, t := contender.Identity()
					sum := 0
					for range n {
						request.Set(r)
						user.Set(u)
						tenant.Set(t)
						for range 3 {
							sum += len(request.Get()) + len(user.Get()) + len(tenant.Get())
						}
						sum += len(request.Get())
						request.Remove()
						user.Remove()
						tenant.Remove()
					}
					contender.Keep(sum)
				})
			}
		},
		Hold: func(park func()) {
			probe.Set(contender.Value(0))
			park()
			probe.Remove()
		},
		Leave: func() { probe.Set(contender.Value(0)) },
	}
}

// A routineLink is a value that says which local is read next.
type routineLink struct {
	x    int
	next routine.ThreadLocal[*routineLink]
}

func followRoutine(local routine.ThreadLocal[*routineLink], n int) {
	sum := 0
	for range n {
		l := local.Get()
		sum += l.x
		local = l.next
	}
	contender.Keep(sum)
}
