// Command program is a short process that uses the library from its first
// millisecond on and checks what it sees. The launcher, package fresh, starts
// many. It exits with status 0 if all was right, and crashes otherwise.
package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"sync"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/spawn"
)

var (
	user   = gls.New("user", gls.Default("nobody"))
	number = gls.New[int]("number")
)

// programs by name. Each ends as soon as it has done its few steps.
var programs = map[string]func(){
	"server":  server,
	"crowd":   crowd,
	"inherit": inherit,
	"churn":   churn,
}

func main() {
	if len(os.Args) != 2 || programs[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: program server|crowd|inherit|churn")
		os.Exit(1)
	}
	programs[os.Args[1]]()
}

// must crashes the process, with a core if GOTRACEBACK is crash, unless got is
// want.
func must(what, got, want string) {
	if got != want {
		panic(fmt.Sprintf("fresh: %s: %q, want %q; %+v", what, got, want, gls.ReadStats()))
	}
}

// server serves two users. The first one's request starts a goroutine that
// outlives it and inherits its user for good.
func server() {
	notes := make(chan string)
	seen := make(chan [2]string, 2)
	var once sync.Once
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		name := r.FormValue("user")
		must("a new request", user.Get(), "nobody")
		defer user.Set(name).Reset()
		once.Do(func() {
			spawn.Go(func() {
				for note := range notes {
					seen <- [2]string{note, user.Get()}
				}
			})
		})
		notes <- name
		must("the request", user.Get(), name)
		fmt.Fprint(w, user.Get())
	}))
	for _, name := range []string{"ann", "bob"} {
		// An error that is ignored here would let bob's request start the
		// goroutine, which then is bob's with good reason.
		response, err := http.Get(s.URL + "?user=" + name)
		if err != nil {
			panic(err)
		}
		body, err := io.ReadAll(response.Body)
		if err != nil {
			panic(err)
		}
		response.Body.Close()
		must("the response", string(body), name)
		at := <-seen
		must("the note", at[0], name)
		must("the goroutine that ann's request started", at[1], "ann")
	}
	s.Close()
	close(notes)
}

// crowd lets goroutines make their first entries all at once.
func crowd() {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := 0; i < 64; i++ {
		name := fmt.Sprint("user ", i)
		ready.Add(1)
		done.Add(1)
		go func() {
			defer done.Done()
			ready.Done()
			<-start
			for j := 0; j < 4; j++ {
				must("before", user.Get(), "nobody")
				set := user.Set(name)
				runtime.Gosched()
				must("own", user.Get(), name)
				set.Reset()
			}
			must("after", user.Get(), "nobody")
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
				must("child", user.Get(), name)
				number.Set(1)
				x, err := spawn.Start(func() (int, error) {
					must("grandchild", user.Get(), name)
					defer user.Set("other").Reset()
					return number.Get(), nil
				}).Wait()
				must("number", fmt.Sprint(x, err), "1 <nil>")
				must("child again", user.Get(), name)
			})
		})
	}
	must("parent", user.Get(), "nobody")
	group.Wait()
}

// churn lets many goroutines come and go in each other's States.
func churn() {
	var group sync.WaitGroup
	for w := 0; w < 4; w++ {
		group.Add(1)
		go func() {
			defer group.Done()
			for i := 0; i < 32; i++ {
				name := fmt.Sprint("user ", i)
				done := make(chan struct{})
				user.With(name, func() { spawn.Go(func() { defer close(done); must("child", user.Get(), name) }) })
				<-done
				gls.Isolate(func() { must("isolated", user.Get(), "nobody"); user.Set("x") })
				must("worker", user.Get(), "nobody")
			}
		}()
	}
	group.Wait()
}
