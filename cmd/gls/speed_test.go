package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/seed18162548/contextvars/cmd/gls/internal/sandbox"
)

// large returns a program of about that many lines, in packages of 5000 that
// import one another, with a go statement in every hundred.
func large(lines int) string {
	var s strings.Builder
	s.WriteString("-- go.mod --\nmodule example.com/large\n\ngo 1.22\n\n$REQUIRE\n")
	packages := lines / 5000
	for p := 0; p < packages; p++ {
		for f := 0; f < 10; f++ {
			fmt.Fprintf(&s, "-- p%d/f%d.go --\npackage p%d\n\nimport (\n\t\"net/http\"\n\t\"sync\"\n)\n", p, f, p)
			for i := 0; i < 5; i++ {
				fmt.Fprintf(&s, "\nfunc Handle%d_%d(w http.ResponseWriter, r *http.Request) {\n\tvar wg sync.WaitGroup\n\twg.Add(1)\n"+
					"\tgo func(n int) {\n\t\tdefer wg.Done()\n", f, i)
				for l := 0; l < 85; l++ {
					fmt.Fprintf(&s, "\t\tn = n*%d + len(r.URL.Path)\n", l)
				}
				s.WriteString("\t}(1)\n\twg.Wait()\n}\n")
			}
		}
		if p > 0 {
			fmt.Fprintf(&s, "-- p%d/use.go --\npackage p%d\n\nimport \"example.com/large/p%d\"\n\nvar _ = p%d.Handle0_0\n", p, p, p-1, p-1)
		}
	}
	fmt.Fprintf(&s, "-- main.go --\npackage main\n\nimport \"example.com/large/p%d\"\n\nvar _ = p%d.Handle0_0\n\nfunc main() {}\n", packages-1, packages-1)
	return s.String()
}

// cost returns the least processor time, of a few tries, that a command and all
// that it starts take. Unlike the time on the clock, it does not depend on
// what else the machine does; on more than one processor it is the longer.
func cost(t *testing.T, b *sandbox.Box, name string, args ...string) time.Duration {
	t.Helper()
	least := once(t, b, name, args...)
	for i := 0; i < 2; i++ {
		least = min(least, once(t, b, name, args...))
	}
	return least
}

func once(t *testing.T, b *sandbox.Box, name string, args ...string) time.Duration {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = b.Dir
	cmd.Env = append(os.Environ(), b.Env...)
	var stderr strings.Builder
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, stderr.String())
	}
	return cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
}

func TestSpeed(t *testing.T) {
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	within := func(what string, got, limit time.Duration) {
		t.Logf("%s: %v", what, got)
		if limit *= slowdown; got > limit {
			t.Errorf("%s takes %v, more than %v", what, got, limit)
		}
	}

	b := box(t, large(100_000))
	within("fix of 100,000 lines", cost(t, b, self, "fix", "-diff"), 5*time.Second)

	b = box(t, large(20_000))
	plain := cost(t, b, "go", "build", "-n", "-o", os.DevNull, ".")
	// With another cache for every try nothing is planned yet.
	first := time.Hour
	for i := 0; i < 3; i++ {
		c := *b
		c.Env = append(append([]string(nil), b.Env...), "XDG_CACHE_HOME="+filepath.Join(t.TempDir(), "cache"))
		first = min(first, once(t, &c, self, "build", "-n", "-o", os.DevNull, "."))
	}
	within("first build of 20,000 lines, more than go build", first-plain, 2*time.Second)
	mustGls(t, b, "build", "-n", "-o", os.DevNull, ".")
	within("second build, more than go build", cost(t, b, self, "build", "-n", "-o", os.DevNull, ".")-plain, 300*time.Millisecond)
}
