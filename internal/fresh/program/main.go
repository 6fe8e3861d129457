// Command program is a short process that uses the library from its first
// millisecond on and checks what it sees. The launcher, package fresh, starts
// many. It exits with status 0 if all was right, and crashes otherwise. It
// imports little, because most of its time goes into starting.
package main

import (
	"fmt"
	"os"
	"runtime"
	"sync"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/fresh/check"
	"github.com/seed18162548/contextvars/spawn"
)

var (
	user   = gls.New("user", gls.Default("nobody"))
	number = gls.New[int]("number")
)

// programs by name. Each ends as soon as it has done its few steps: what is
// special in a process's first milliseconds is over then.
var programs = map[string]func(){
	"crowd":   crowd,
	"inherit": inherit,
	"churn":   churn,
	"wrong":   func() { check.Equal("on purpose", "a", "b") },
}

func main() {
	if len(os.Args) != 2 || programs[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: program crowd|inherit|churn|wrong")
		os.Exit(1)
	}
	programs[os.Args[1]]()
}

// crowd lets goroutines make their first entries all at once.
func crowd() {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := 0; i < 24; i++ {
		name := fmt.Sprint("user ", i)
		ready.Add(1)
		done.Add(1)
		go func() {
			defer done.Done()
			ready.Done()
			<-start
			for j := 0; j < 2; j++ {
				check.Equal("before", user.Get(), "nobody")
				set := user.Set(name)
				runtime.Gosched()
				check.Equal("own", user.Get(), name)
				set.Reset()
			}
			check.Equal("after", user.Get(), "nobody")
		}()
	}
	ready.Wait()
	close(start)
	done.Wait()
}

// inherit hands users on to children and grandchildren.
func inherit() {
	var group spawn.WaitGroup
	for i := 0; i < 16; i++ {
		name := fmt.Sprint("user ", i)
		user.With(name, func() {
			group.Go(func() {
				check.Equal("child", user.Get(), name)
				number.Set(1)
				x, err := spawn.Start(func() (int, error) {
					check.Equal("grandchild", user.Get(), name)
					defer user.Set("other").Reset()
					return number.Get(), nil
				}).Wait()
				check.Equal("number", fmt.Sprint(x, err), "1 <nil>")
				check.Equal("child again", user.Get(), name)
			})
		})
	}
	check.Equal("parent", user.Get(), "nobody")
	group.Wait()
}

// churn lets many goroutines come and go in each other's States.
func churn() {
	var group sync.WaitGroup
	for w := 0; w < 4; w++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := 0; i < 4; i++ {
				name := fmt.Sprint("user ", i)
				done := make(chan struct{})
				user.With(name, func() { spawn.Go(func() { defer close(done); check.Equal("child", user.Get(), name) }) })
				<-done
				gls.Isolate(func() { check.Equal("isolated", user.Get(), "nobody"); user.Set("x") })
				check.Equal("worker", user.Get(), "nobody")
			}
		}()
	}
	group.Wait()
}
