package handoff

import "github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"

const (
	conc    = "github.com/sourcegraph/conc"
	ants    = "github.com/panjf2000/ants/v2"
	pond1   = "github.com/alitto/pond"
	pond2   = "github.com/alitto/pond/v2"
	workers = "github.com/gammazero/workerpool"
	glshttp = glsapi.Gls + "/glshttp"
)

// scheduled is the advice for functions that a scheduler calls.
const scheduled = "a scheduler calls it again and again, long after its caller: it must not have the bindings of the caller, but can bind its own"

// Known lists the takers that need no configuration.
var Known = []Taker{
	{Func: "time.AfterFunc", Arg: 1, Path: glsapi.Spawn, Replacement: "AfterFunc"},
	{Func: "context.AfterFunc", Arg: 1, Path: glsapi.Spawn, Replacement: "ContextAfterFunc"},
	{Func: "(*sync.WaitGroup).Go"},
	{Func: "iter.Pull", Path: glsapi.Gls, Replacement: "Pull", Waits: true},
	{Func: "iter.Pull2", Path: glsapi.Gls, Replacement: "Pull2", Waits: true},
	{Func: "net/http.TimeoutHandler", Path: glshttp, Replacement: "TimeoutHandler", Waits: true},

	{Func: "(*golang.org/x/sync/errgroup.Group).Go"},
	{Func: "(*golang.org/x/sync/errgroup.Group).TryGo"},
	{Func: "(*golang.org/x/sync/singleflight.Group).DoChan", Arg: 1,
		Advice: "its result serves all callers: load in gls.Isolate, or call it in gls.CopyContext()"},
	{Func: "(*gopkg.in/tomb.v2.Tomb).Go"},

	{Func: ants + ".Submit"},
	{Func: "(*" + ants + ".Pool).Submit"},
	{Func: "(*" + ants + ".MultiPool).Submit"},

	{Func: "(*" + conc + ".WaitGroup).Go"},
	{Func: "(*" + conc + "/pool.Pool).Go"},
	{Func: "(*" + conc + "/pool.ErrorPool).Go"},
	{Func: "(*" + conc + "/pool.ContextPool).Go"},
	{Func: "(*" + conc + "/pool.ResultPool).Go"},
	{Func: "(*" + conc + "/pool.ResultErrorPool).Go"},
	{Func: "(*" + conc + "/pool.ResultContextPool).Go"},
	{Func: "(*" + conc + "/stream.Stream).Go"},
	{Func: conc + "/iter.ForEach", Arg: 1, Waits: true},
	{Func: conc + "/iter.ForEachIdx", Arg: 1, Waits: true},
	{Func: conc + "/iter.Map", Arg: 1, Waits: true},
	{Func: conc + "/iter.MapErr", Arg: 1, Waits: true},
	{Func: "(" + conc + "/iter.Iterator).ForEach", Arg: 1, Waits: true},
	{Func: "(" + conc + "/iter.Iterator).ForEachIdx", Arg: 1, Waits: true},
	{Func: "(" + conc + "/iter.Mapper).Map", Arg: 1, Waits: true},
	{Func: "(" + conc + "/iter.Mapper).MapErr", Arg: 1, Waits: true},

	{Func: "(*" + pond1 + ".WorkerPool).Submit"},
	{Func: "(*" + pond1 + ".WorkerPool).TrySubmit"},
	{Func: "(*" + pond1 + ".WorkerPool).SubmitBefore"},
	{Func: "(*" + pond1 + ".WorkerPool).SubmitAndWait", Waits: true},
	{Func: "(*" + pond1 + ".TaskGroup).Submit"},
	{Func: "(*" + pond1 + ".TaskGroupWithContext).Submit"},
	{Func: pond2 + ".Submit"},
	{Func: pond2 + ".SubmitErr"},
	{Func: "(" + pond2 + ".Pool).Go"},
	{Func: "(" + pond2 + ".Pool).Submit"},
	{Func: "(" + pond2 + ".Pool).SubmitErr"},
	{Func: "(" + pond2 + ".Pool).TrySubmit"},
	{Func: "(" + pond2 + ".Pool).TrySubmitErr"},
	{Func: "(" + pond2 + ".TaskGroup).Submit"},
	{Func: "(" + pond2 + ".TaskGroup).SubmitErr"},
	{Func: "(" + pond2 + ".ResultPool).Submit"},
	{Func: "(" + pond2 + ".ResultPool).SubmitErr"},
	{Func: "(" + pond2 + ".ResultPool).TrySubmit"},
	{Func: "(" + pond2 + ".ResultPool).TrySubmitErr"},
	{Func: "(" + pond2 + ".ResultTaskGroup).Submit"},
	{Func: "(" + pond2 + ".ResultTaskGroup).SubmitErr"},

	{Func: "(*" + workers + ".WorkerPool).Submit"},
	{Func: "(*" + workers + ".WorkerPool).Do"},
	{Func: "(*" + workers + ".WorkerPool).SubmitWait", Waits: true},
	{Func: "(*" + workers + ".WorkerPool).DoWait", Waits: true},

	{Func: "(*github.com/robfig/cron.Cron).AddFunc", Arg: 1, Advice: scheduled},
	{Func: "(*github.com/robfig/cron/v3.Cron).AddFunc", Arg: 1, Advice: scheduled},
	{Func: "(*github.com/go-co-op/gocron.Scheduler).Do", Advice: scheduled},
	{Func: "(*github.com/go-co-op/gocron.Scheduler).DoWithJobDetails", Advice: scheduled},
	{Func: "github.com/go-co-op/gocron/v2.NewTask", Advice: scheduled},
}
