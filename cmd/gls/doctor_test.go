package main

import (
	"strings"
	"testing"
)

func TestDoctor(t *testing.T) {
	b := box(t, inheriting)
	stdout, _ := mustGls(t, b, "doctor")
	wantContains(t, stdout, "examined       a program of this module", "Go             go1.", "port ", "ID path        fast",
		"self-check     passed", "liveness ", "library        v0.0.0 => ", "go command     go version")
	b.Env = append(b.Env, "GLS_SAFE=1")
	stdout, _ = mustGls(t, b, "doctor")
	wantContains(t, stdout, "ID path        slow", "GLS_SAFE=1 asks for the slow path")

	b = box(t, plain)
	stdout, _ = mustGls(t, b, "doctor")
	wantContains(t, stdout, "examined       this tool, as this module does not build with", "not required by this module")
}

const losing = `
-- go.mod --
module example.com/losing

go 1.22

$REQUIRE
-- main.go --
package main

import (
	"fmt"
	"os"

	"github.com/seed18162548/contextvars/gls"
)

var (
	user  = gls.New[string]("user")
	trace = gls.New("trace", gls.Default(0))
	vars  = struct{ v gls.Var[string] }{}
)

func read(n int, done chan bool) {
	for range n {
		user.Get()
	}
	_, ok := trace.Lookup()
	done <- ok
}

func main() {
	defer user.Set("alice").Reset()
	done := make(chan bool)
	go read(3, done)
	<-done
	defer trace.Set(1).Reset()
	go func() { read(1, done) }()
	<-done
	//gls:ignore it needs no user
	go read(10, done)
	<-done
	fmt.Println(user.Get(), user.GetOr("x"), trace.MustGet())
	os.Exit(len(os.Args))
}
-- main_test.go --
package main

import "testing"

func TestRead(t *testing.T) {
	defer user.Set("tester").Reset()
	done := make(chan bool)
	go read(2, done)
	<-done
	if user.Get() != "tester" {
		t.Error(user.Get())
	}
}
-- sub/sub_test.go --
package sub

import (
	"testing"

	"github.com/seed18162548/contextvars/gls"
)

var inSub = gls.New[int]("inSub")

func TestSub(t *testing.T) {
	defer inSub.Set(1).Reset()
	done := make(chan int)
	go func() { done <- inSub.GetOr(2) }()
	if <-done != 2 {
		t.Error("a plain goroutine inherits")
	}
}
`

func TestDoctorRun(t *testing.T) {
	b := box(t, losing)
	before := snapshot(t, b)
	stdout, stderr, exit := gls(t, b, "doctor", "-run", "run", ".", "arg")
	if exit != 1 || stdout != "alice alice 1\n" { // go run exits with 1 and tells the status
		t.Errorf("exit status %d, %q", exit, stdout)
	}
	wantContains(t, stderr, "exit status 2",
		"         3  main.go:27                               user                 ",
		"         1  main.go:30                               user                 ",
		"         1  main.go:30                               trace                ",
		"17 reads found nothing: 5 because a statement lost the binding; 0 of them could not be attributed; for 12 there was nothing to lose")
	if n := strings.Count(stderr, "main.go:"); n != 3 {
		t.Errorf("%d lines in\n%s", n, stderr)
	}

	mustGls(t, b, "doctor", "-o", "losses.txt", "./...")
	losses := b.Read("losses.txt")
	wantContains(t, losses, "2  main_test.go:8 ", "1  sub/sub_test.go:14 ")
	delete(before, "losses.txt")
	now := snapshot(t, b)
	delete(now, "losses.txt")
	if names := changed(before, now); len(names) > 0 {
		t.Errorf("changed: %v", names)
	}

	mustGls(t, b, "doctor", "-o", "none.txt", "-run", "test", "-run", "NoSuchTest", ".")
	wantContains(t, b.Read("none.txt"), "no read found nothing")
	if _, _, exit := gls(t, b, "doctor", "-run", "build"); exit != 1 {
		t.Errorf("exit status %d", exit)
	}
}

// Tests call what only a handler calls otherwise, and with a context of their
// own. That changes nothing in what is said of the program.
func TestDoctorAgreesWithVet(t *testing.T) {
	b := box(t, `
-- go.mod --
module example.com/agrees

go 1.22

$REQUIRE
-- main.go --
package main

import (
	"context"
	"net/http"

	"github.com/seed18162548/contextvars/gls"
)

var user = gls.New[string]("user")

func follow(ctx context.Context, done func()) {
	go func() {
		<-ctx.Done()
		user.GetOr("")
		done()
	}()
}

func page(w http.ResponseWriter, r *http.Request) { follow(r.Context(), func() {}) }

func main() { http.HandleFunc("/", page) }
-- main_test.go --
package main

import (
	"context"
	"testing"
)

var process, stop = context.WithCancel(context.Background())

func TestFollow(t *testing.T) {
	defer user.Set("tester").Reset()
	done := make(chan bool)
	follow(process, func() { close(done) })
	stop()
	<-done
}
`)
	const reason = "it ends, and it is reached from page"
	_, stderr, _ := gls(t, b, "vet", ".")
	wantContains(t, stderr, "main.go:13:2: go statement drops the caller's bindings: "+reason)
	_, stderr, _ = gls(t, b, "vet", "-tests", ".")
	wantContains(t, stderr, "main.go:13:2: go statement drops the caller's bindings: "+reason)
	_, stderr, _ = gls(t, b, "doctor", "-run", "test", ".")
	wantContains(t, stderr, "1  main.go:13 ", reason)
	stdout, _ := mustGls(t, b, "fix", "-tests", "-diff", ".")
	wantContains(t, stdout, "1  become spawn.Go")
}

// Reads by adapters count, whatever hands the work on, and what nobody saw is
// not called well.
func TestDoctorAttributes(t *testing.T) {
	b := box(t, `
-- go.mod --
module example.com/adapters

go 1.25

$REQUIRE
-- main.go --
package main

import (
	"io"
	"log/slog"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glslog"
)

var user = gls.New[string]("user")

func say() { slog.Info("there") }

type job struct{ run func() }

func main() {
	slog.SetDefault(slog.New(glslog.NewHandler(slog.NewTextHandler(io.Discard, nil), glslog.Attr(user))))
	jobs, structs := make(chan func()), make(chan job)
	done := make(chan bool)
	go func() {
		for f := range jobs {
			f()
		}
		for j := range structs {
			j.run()
		}
		close(done)
	}()
	defer user.Set("ann").Reset()
	slog.Info("here")
	var wg sync.WaitGroup
	wg.Add(1)
	go func() { defer wg.Done(); say() }()
	wg.Wait()
	var g errgroup.Group
	g.Go(func() error { say(); return nil })
	g.Wait()
	wg.Add(1)
	time.AfterFunc(1, func() { defer wg.Done(); say() })
	wg.Wait()
	wg.Go(say)
	wg.Wait()
	jobs <- say
	close(jobs)
	j := job{run: func() { say() }}; structs <- j
	close(structs)
	<-done
}
-- main_test.go --
package main

import "testing"

func TestSub(t *testing.T) {
	defer user.Set("tester").Reset()
	t.Run("sub", func(t *testing.T) { user.Get() })
}

func TestDefault(t *testing.T) {
	user.Get()
	for range 3 {
		done := make(chan bool)
		//gls:ignore nobody cares
		go func() { user.Get(); close(done) }()
		<-done
	}
}
-- other/other.go --
// Package main does not use the library.
package main

func main() {}
`)
	_, stderr, _ := gls(t, b, "doctor", "-run", "run", ".")
	for _, line := range []string{"38", "41", "44", "46", "48"} {
		wantContains(t, stderr, "1  main.go:"+line+" ")
	}
	wantContains(t, stderr, "user ", "what gls vet says", "leave it, it may live as long as the process: ", "not attributed: its starter had none", "1  main.go:25 ")
	if strings.Contains(stderr, "no go statement lost") {
		t.Errorf("it says that all is well:\n%s", stderr)
	}

	_, stderr, _ = gls(t, b, "doctor", "-run", "test", ".")
	wantContains(t, stderr, "1  main_test.go:7 ", "5 reads found nothing: 1 because", "; 0 of them could not be attributed; for 4 there was nothing to lose")

	_, stderr, _ = gls(t, b, "doctor", "-run", "run", "./other")
	wantContains(t, stderr, "nothing was observed")
}
