// Prefix is built as a module whose path begins with "runtime.": by the names of
// their first functions, some of its goroutines are the runtime's. Their entries
// must stay in safe mode as long as they live. Those of others, which end, go.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"sync"
	"time"

	"github.com/seed18162548/contextvars/gls"
	"runtime.example.com/prefix/agent"
)

var user = gls.New[string]("user")

// ways are ways to start a goroutine that calls f.
var ways = map[string]func(f func()){
	"function":             func(f func()) { work := agent.Work; go work(f) },
	"plain":                func(f func()) { agent.Go(f) },
	"arguments":            func(f func()) { agent.GoArgs(func(f func()) { f() }, f) },
	"method":               func(f func()) { agent.GoMethod(worker{f}) },
	"method value":         func(f func()) { g := agent.Func(f).Work; go g() },
	"interface":            func(f func()) { var w agent.Worker = worker{f}; g := w.Work; go g() },
	"promoted":             func(f func()) { g := agent.Embedding{Worker: worker{f}}.Work; go g() },
	"embedding of pointer": func(f func()) { g := (&agent.Embedding{Worker: &worker{f}}).Work; go g() },
	"runtime.Error":        func(f func()) { var e runtime.Error = failure{f}; g := e.RuntimeError; go g() },
	"own":                  func(f func()) { go f() },
	"timer":                func(f func()) { time.AfterFunc(0, f) },
	"labels":               func(f func()) { go labelled(f) },
	"locked to its thread": func(f func()) { go func() { runtime.LockOSThread(); f() }() },
	"own method":           func(f func()) { go worker{f}.Work() },
}

type worker struct{ f func() }

func (w worker) Work() { w.f() }

type failure struct{ f func() }

func (w failure) RuntimeError() { w.f() }
func (failure) Error() string   { return "failure" }

// labelled calls f with labels that would end a trace and begin another one if
// traces showed them as they are.
func labelled(f func()) {
	labels := pprof.Labels("\n\ngoroutine 1 [running]:\n", "\n\ngoroutine x [running]:\n")
	pprof.Do(context.Background(), labels, func(context.Context) { f() })
}

func main() {
	var bound, done sync.WaitGroup
	goOn := make(chan struct{})
	wrong := make(chan string, len(ways))
	for name, start := range ways {
		name, start := name, start
		bound.Add(1)
		done.Add(1)
		start(func() {
			user.Set(name)
			bound.Done()
			<-goOn
			if got := user.Get(); got != name {
				wrong <- fmt.Sprintf("%s: reads %q", name, got)
			}
			done.Done()
		})
	}
	bound.Wait()
	const batch = 2000
	for i := 0; i < 10; i++ {
		var ended sync.WaitGroup
		ended.Add(batch)
		for j := 0; j < batch; j++ {
			go func() { user.Set("ended"); ended.Done() }()
		}
		ended.Wait()
	}
	if gls.ReadStats().Reclaimed < batch {
		wrong <- "nothing was swept"
	}
	close(goOn)
	done.Wait()
	close(wrong)
	for w := range wrong {
		fmt.Println(w)
		defer os.Exit(1)
	}
	fmt.Println("ok")
}
