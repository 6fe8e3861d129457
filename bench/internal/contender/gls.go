package contender

import (
	"strconv"
	"sync"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

var (
	probe  = gls.New[int]("probe")
	others = newVars(MaxVars)

	requestVar = gls.New[string]("request")
	userVar    = gls.New[string]("user")
	tenantVar  = gls.New[string]("tenant")
)

// keptContext is where Copy puts its results: they have to be allocated.
var keptContext *gls.Context

func newVars(n int) []*gls.Var[int] {
	vars := make([]*gls.Var[int], n)
	for i := range vars {
		vars[i] = gls.New[int]("other_" + strconv.Itoa(i))
	}
	return vars
}

// bindOthers calls f with n variables other than probe bound.
func bindOthers(n int, f func()) {
	for i := 0; i < n; i++ {
		defer others[i].Set(Value(i)).Reset()
	}
	f()
}

// GLS is this library.
func GLS() Contender {
	get := func(n int) {
		sum := 0
		for i := 0; i < n; i++ {
			sum += probe.Get()
		}
		Keep(sum)
	}
	set := func(n int) {
		for i := 0; i < n; i++ {
			probe.Set(Value(i)).Reset()
		}
	}
	duplicate := func(n int) {
		for i := 0; i < n; i++ {
			keptContext = gls.CopyContext()
		}
	}
	start := func(n int) {
		var done sync.WaitGroup
		child := func() { done.Done() }
		for i := 0; i < n; i++ {
			done.Add(1)
			spawn.Go(child)
			done.Wait()
		}
	}
	// beside is the Case of a loop beside vars other variables.
	beside := func(loop Loop) func(vars int) Case {
		return func(vars int) Case {
			return func(run func(Loop)) { bindOthers(vars, func() { run(loop) }) }
		}
	}
	// oldest is the Case of a loop where probe was bound first of vars.
	oldest := func(loop Loop) func(vars int) Case {
		return func(vars int) Case {
			return func(run func(Loop)) {
				defer probe.Set(Value(0)).Reset()
				bindOthers(vars-1, func() { run(loop) })
			}
		}
	}
	return Contender{
		Name:  "gls",
		About: "this library",
		Get:   oldest(get),
		GetNewest: func(vars int) Case {
			return func(run func(Loop)) {
				bindOthers(vars-1, func() {
					defer probe.Set(Value(0)).Reset()
					run(get)
				})
			}
		},
		GetTurn:    func() Case { return beside(inTurn)(turn) },
		GetLatency: latencyGLS,
		Unset:      beside(get),
		Set:        beside(set),
		Rebind:     oldest(set),
		Copy:       beside(duplicate),
		Spawn:      beside(start),
		Request:    func() Case { return func(run func(Loop)) { run(serveGLS) } },
		Hold: func(park func()) {
			defer probe.Set(Value(0)).Reset()
			park()
		},
		Leave: func() { probe.Set(Value(0)) },
	}
}

// turn is how many variables inTurn reads.
const turn = 8

// inTurn reads the first variables of others one after the other, as a log line
// reads all that are bound.
func inTurn(n int) {
	a, b, c, d := others[0], others[1], others[2], others[3]
	e, f, g, h := others[4], others[5], others[6], others[7]
	sum := 0
	for i := 0; i < n; i += turn {
		sum += a.Get() + b.Get() + c.Get() + d.Get()
		sum += e.Get() + f.Get() + g.Get() + h.Get()
	}
	Keep(sum)
}

func serveGLS(n int) {
	request, user, tenant := Identity()
	sum := 0
	for i := 0; i < n; i++ {
		gls.NewContext().Run(func() {
			requestVar.Set(request)
			userVar.Set(user)
			tenantVar.Set(tenant)
			for i := 0; i < gets-1; i += 3 {
				sum += len(requestVar.Get()) + len(userVar.Get()) + len(tenantVar.Get())
			}
			sum += len(requestVar.Get())
		})
	}
	Keep(sum)
}
