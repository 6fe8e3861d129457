package main

import (
	"fmt"

	"golang.org/x/perf/benchfmt"

	"github.com/seed18162548/contextvars/bench/internal/contender"
)

// A bar is a figure that the library has to stay under, or one to be shown
// without a limit.
type bar struct {
	key  string
	what string
	// limit is the most that is allowed, 0 if there is no limit.
	limit float64
	// remark says what the figure is to be compared with.
	remark string

	// A ratio is measured by itself, of Cases in turn; value makes it of
	// their times.
	sides []side
	value func(times []float64) float64

	// Another bar is a figure of a benchmark that is there anyway.
	of figure
}

// A side is what a ratio is made of: a Case on a number of cores.
type side struct {
	prepare contender.Case
	cores   int
}

// A figure names a result: of one unit, of the benchmark op with the parameter
// at x, for impl. An x of largest is the largest that was measured.
type figure struct {
	op, param string
	x         int
	impl      string
	unit      string
}

const largest = -1

// over returns the bar that says that a takes at most limit times as long as b.
func over(key, what string, limit float64, a, b contender.Case) bar {
	return bar{
		key: key, what: what, limit: limit,
		sides: []side{{a, 1}, {b, 1}},
		value: func(t []float64) float64 { return t[0] / t[1] },
		of:    ratioOf(key),
	}
}

// pair is over for Cases that are made together.
func pair(key, what string, limit float64, cases func() (ours, plain contender.Case)) bar {
	ours, plain := cases()
	return over(key, what, limit, ours, plain)
}

// callsAlone returns the bar that says that the operation in the loop of a
// takes at most limit times as long as that in the loop of b, the loops' own
// time taken off.
func callsAlone(key, what string, limit float64, a, b contender.Case) bar {
	return bar{
		key: key, what: what, limit: limit,
		sides: []side{{a, 1}, {b, 1}, {contender.Bare(), 1}},
		value: func(t []float64) float64 { return (t[0] - t[2]) / (t[1] - t[2]) },
		of:    ratioOf(key),
	}
}

// longer returns the bar that says that a takes at most limit seconds more than
// b.
func longer(key, what string, limit float64, a, b contender.Case) bar {
	of := ratioOf(key)
	of.unit = "more-sec"
	return bar{
		key: key, what: what, limit: limit,
		sides: []side{{a, 1}, {b, 1}},
		value: func(t []float64) float64 { return t[0] - t[1] },
		of:    of,
	}
}

// onTwoCores returns the bar that says that an operation takes at most limit
// times as long on two cores as on one, beside the same of a reference.
func onTwoCores(key, what string, limit float64, a, reference contender.Case) bar {
	return bar{
		key: key, what: what, limit: limit,
		sides: []side{{a, 2}, {a, 1}, {reference, 2}, {reference, 1}},
		value: func(t []float64) float64 { return t[0] / t[1] / (t[2] / t[3]) },
		of:    ratioOf(key),
	}
}

// noise returns the bar that measures the same thing twice.
func noise(key, what string, same contender.Case) bar {
	b := over(key, what, 0, same, same)
	b.remark = "ideally 1"
	return b
}

// ratioOf returns the figure under which the ratio of a bar is written.
func ratioOf(key string) figure { return figure{op: "Bar", param: "bar", impl: key, unit: "ratio"} }

// bars returns the bars of the issue, in its order, and what shows how far they
// can be trusted.
func bars() []bar {
	var (
		us      = named("gls")
		routine = named("routine")
		context = named("context")
		pointer = named("context-ptr")
		get     = us.Get(1)
	)
	all := []bar{
		over("get-goid", "Get of a bound variable ÷ bare `goid.Get`, each with the loop around it", 2.7, get, named("goid").Get(1)),
		callsAlone("get-goid-net", "… the calls alone: the time of an empty loop taken off both", 2.7, get, named("goid").Get(1)),
		over("get-context-1", "… ÷ `context.Value` at depth 1", 0.8, get, context.Get(1)),
		over("get-context-8", "… ÷ `context.Value` at depth 8", 0.13, get, context.Get(8)),
		over("get-pointer-1", "… ÷ `context.Value` at depth 1 with the fastest keys", 0, get, pointer.Get(1)),
		over("get-pointer-8", "… ÷ `context.Value` at depth 8 with the fastest keys", 0, get, pointer.Get(8)),
		over("get8-context-8", "Get of the oldest of 8 ÷ `context.Value` at depth 8", 0, us.Get(8), context.Get(8)),
		over("get-routine", "Get ÷ routine's `ThreadLocal.Get`", 0.4, get, routine.Get(1)),
		over("get-latency-context", "Get whose result the next one needs ÷ the same by `context.Value` at depth 1", 0, us.GetLatency(1), context.GetLatency(1)),
		over("get-turn", "Get of 8 variables in turn ÷ of one", 1.3, us.GetTurn(), get),
		over("get-8-oldest", "Get of the oldest of 8 ÷ of one", 1.6, us.Get(8), get),
		over("get-16-oldest", "… of 16", 1.6, us.Get(16), get),
		over("get-64-newest", "Get with 64 variables bound ÷ with 1, of the newest", 1.1, us.GetNewest(64), get),
		over("get-64-oldest", "… of the oldest", 1.7, us.Get(64), get),
		{key: "get-crowd-young", what: "Get with 100,000 other goroutines bound ÷ alone", limit: 1.2, of: ratioOf("get-crowd-young")},
		{key: "get-crowd-old", what: "… of an old worker under newcomers", limit: 1.2, of: ratioOf("get-crowd-old")},
		over("unset-none", "Get of an unset variable ÷ bound, nothing else bound", 1, us.Unset(0), get),
		over("unset-one", "… with another variable bound", 1, us.Unset(1), get),
		over("unset-64", "… with 64 others bound ÷ the oldest of 64", 1, us.Unset(64), us.Get(64)),
		onTwoCores("get-cores", "Get on 2 cores ÷ on 1, beside an empty loop", 1.1, get, contender.Empty().Get(1)),
		over("set-context", "Set+Reset in an existing Context ÷ `context.WithValue` and one `Value`", 1.1, us.Set(1), context.Set(1)),
		over("set-pointer", "… with the fastest keys", 0, us.Set(1), pointer.Set(1)),
		over("rebind-context", "Set+Reset of a variable that is bound ÷ `context.WithValue` and one `Value`", 1.1, us.Rebind(1), context.Set(1)),
		over("set-routine", "Set+Reset ÷ routine's Set and Remove", 1.6, us.Set(1), routine.Set(1)),
		over("set-8", "Set+Reset with 8 bound ÷ with 1", 1.1, us.Set(8), us.Set(1)),
		over("set-64", "Set+Reset with 64 bound ÷ with 1", 1.2, us.Set(64), us.Set(1)),
		over("rebind-64", "… of the oldest", 1.2, us.Rebind(64), us.Rebind(1)),
		onTwoCores("set-cores", "Set+Reset on 2 cores ÷ on 1, beside `context.WithValue`", 1, us.Set(1), context.Set(1)),
		{key: "set-only", what: "Set+Reset as the only binding of a plain goroutine", limit: 45e-9, remark: "a prototype: 108 ns", of: figure{"SetReset", "vars", 0, "gls", "sec/op"}},
		over("copy-64", "CopyContext with 64 bound ÷ with 1", 1.1, us.Copy(64), us.Copy(1)),
		over("spawn-go", "`spawn.Go` ÷ `go`, child does nothing, waited for", 1.2, us.Spawn(1), named("parameter").Spawn(0)),
		over("spawn-64", "… with 64 bound ÷ with 1", 1.05, us.Spawn(64), us.Spawn(1)),
		over("spawn-routine", "`spawn.Go` ÷ `routine.Go` with an inheritable local", 0.5, us.Spawn(1), routine.Spawn(1)),
		pair("spawn-waitgroup", "`spawn.WaitGroup` ÷ `sync.WaitGroup`, a child that does nothing", 1.15, waitGroups),
		pair("spawn-group", "`spawn.Group` ÷ errgroup, a child that does nothing", 1.25, groups),
		pair("spawn-gather", "`spawn.Gather` of 8 ÷ an errgroup of 8 that stores its results", 1.4, gathers),
		{key: "memory", what: "bytes per live goroutine with one binding, above a bare goroutine", limit: 96, remark: "routine 104, localsession 142, modern-go 360", of: figure{"Memory", "goroutines", largest, "gls", "B/goroutine"}},
		{key: "dead", what: "a million goroutines that Set and die: kept after two collections", limit: 1 << 20, remark: "goid maps 61 to 423 MiB", of: figure{"Dead", "goroutines", largest, "gls", "kept-B"}},
		over("request", "`NewContext().Run` with 3 Sets and 10 Gets ÷ 3 `context.WithValue` and 10 `Value`", 0.7, us.Request(), context.Request()),
		over("request-pointer", "… ÷ the same with the fastest keys", 0, us.Request(), pointer.Request()),
		{key: "request-allocs", what: "… allocations of `NewContext().Run` with 3 Sets", limit: 5, of: figure{"Request", "gets", 10, "gls", "allocs/op"}},
		over("serve-none", "a server with `glshttp.Handler` and `RequestID` ÷ one that sets one header itself, requests without an ID", 1.05, contender.IDServer(""), contender.PlainServer("")),
		over("serve-valid", "… requests with a valid ID", 1.05, contender.IDServer(contender.ClientID), contender.PlainServer(contender.ClientID)),
		over("logging", "a request with ID, user and tenant and 20 log lines ÷ the same by `context.WithValue`", 1, contender.LoggingGLS(), contender.LoggingContext()),
		noise("noise-get", "noise: Get ÷ the same Get", get),
		noise("noise-set", "noise: Set+Reset ÷ the same Set+Reset", us.Set(1)),
		noise("noise-spawn", "noise: `spawn.Go` ÷ the same `spawn.Go`", us.Spawn(1)),
	}
	return append(append(all, lineBars()...), programBars()...)
}

// programBars returns the bars of what programs of their own measure.
func programBars() []bar {
	scaled := func(key, what string, limit float64, unit string) bar {
		of := ratioOf("scale-" + key)
		of.unit = unit
		return bar{key: of.impl, what: what, limit: limit, of: of}
	}
	return []bar{
		scaled("growing", "first Set of each of a million goroutines, p99.99 ÷ the same if they hold nothing", 3, "ratio"),
		scaled("collecting", "… beside a million, under constant collection", 3, "ratio"),
		scaled("sweeping", "sweeping a million entries of which none ended, a collection a second: of a core", 2, "percent"),
		scaled("left", "entries that a million ended goroutines leave after two collections", 0.5, "entries"), // a limit of 0 would be none
		{key: "nats-throughput", what: "a job of glsnats ÷ plain publish and consume, under load", limit: 1 / 0.95, remark: "0.95 of the throughput", of: ratioOf("nats-throughput")},
		{key: "nats-latency", what: "… median latency, one at a time", limit: 1.05, of: ratioOf("nats-latency")},
	}
}

// run measures the ratio of the bar.
func (b bar) run(m *meter) error {
	var entrants []*entrant
	for _, s := range b.sides {
		entrants = append(entrants, m.enter(s.prepare, s.cores))
	}
	defer dismiss(entrants)
	unit := b.of.unit
	scale := 0.0
	if unit == "more-sec" {
		unit = "more-ns" // as times are measured; reading the results makes seconds of it
		scale = b.limit * 1e9
	}
	return m.narrow([]row{{scale: scale}}, func([]int) ([]float64, error) {
		times := m.inTurn(entrants)
		value := median(times, b.value)
		return []float64{value}, m.emit(fmt.Sprintf("Bar/bar=%s", b.key), entrants[0].n*m.rounds,
			benchfmt.Value{Value: value, Unit: unit},
			benchfmt.Value{Value: median(times, one(0)), Unit: "ns/op"},
			benchfmt.Value{Value: median(times, one(1)), Unit: "base-ns/op"},
		)
	})
}
