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
		"         3  main.go:27                               user\n",
		"         1  main.go:30                               user\n",
		"         1  main.go:30                               trace\n")
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
	wantContains(t, b.Read("none.txt"), "no go statement lost a binding")
	if _, _, exit := gls(t, b, "doctor", "-run", "build"); exit != 1 {
		t.Errorf("exit status %d", exit)
	}
}
