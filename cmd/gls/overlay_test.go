package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed18162548/contextvars/cmd/gls/internal/sandbox"
)

// inheriting prints the user that each goroutine sees.
const inheriting = `
-- go.mod --
module example.com/inheriting

go 1.22

$REQUIRE
-- main.go --
package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/seed18162548/contextvars/gls"
)

var user = gls.New("user", gls.Default("nobody"))

func See(out chan string) { out <- user.Get() }

func main() {
	defer user.Set("alice").Reset()
	out := make(chan string)
	go See(out)
	fmt.Println(<-out)
	if len(os.Args) > 1 {
		go func(s string) {
			if s == "panic" {
				panic("on purpose")
			}
			os.Exit(strings.Count(s, "x"))
		}(os.Args[1])
		<-out
	}
}
-- main_test.go --
package main

import (
	"flag"
	"testing"
)

func TestSee(t *testing.T) {
	defer user.Set("tester").Reset()
	out := make(chan string)
	go See(out)
	t.Log("sees", <-out)
}

func TestFails(t *testing.T) {
	if flag.Lookup("test.short").Value.String() == "true" {
		return
	}
	t.Error("on purpose")
}
`

// mainLines returns the lines of main.go that a stack trace names, but for
// where goroutines were created.
func mainLines(trace string) (lines []string) {
	created := false
	for _, l := range strings.Split(trace, "\n") {
		created = created || strings.HasPrefix(l, "created by")
		if i := strings.Index(l, "/main.go:"); i >= 0 && !created {
			lines = append(lines, strings.Fields(l[i:])[0])
		}
		if strings.HasPrefix(l, "goroutine ") {
			created = false
		}
	}
	return lines
}

func TestBuildOverlay(t *testing.T) {
	b := box(t, inheriting)
	before := snapshot(t, b)
	exe := filepath.Join(t.TempDir(), "program")
	original := b.Go("run", ".")
	b.Go("build", "-o", exe, ".")
	_, trace, status := b.Exec(exe, "panic")

	_, stderr := mustGls(t, b, "build", "-policy", "all", "-o", exe, ".")
	wantContains(t, stderr, "2 of 2 go statements and callbacks are rewritten")
	if stdout, _, _ := b.Exec(exe); stdout != "alice\n" || original != "nobody\n" {
		t.Errorf("it prints %q, and %q without the overlay", stdout, original)
	}
	_, newTrace, newStatus := b.Exec(exe, "panic")
	if newStatus != status || fmt.Sprint(mainLines(newTrace)) != fmt.Sprint(mainLines(trace)) || len(mainLines(trace)) == 0 {
		t.Errorf("the trace was (%d)\n%s\nand is (%d)\n%s", status, trace, newStatus, newTrace)
	}
	if strings.Contains(newTrace, ".cache") || !strings.Contains(newTrace, filepath.Join(b.Dir, "main.go")) {
		t.Errorf("the trace does not name the source:\n%s", newTrace)
	}
	wantUnchanged(t, before, b)

	// The build cache tells the two programs apart.
	b.Go("build", "-o", exe, ".")
	if stdout, _, _ := b.Exec(exe); stdout != original {
		t.Errorf("after it, go build makes a program that prints %q", stdout)
	}
	_, stderr = mustGls(t, b, "build", "-policy", "all", "-o", exe, ".")
	if stdout, _, _ := b.Exec(exe); stdout != "alice\n" || stderr != "" {
		t.Errorf("the second build prints %q, says %q", stdout, stderr)
	}
	if _, _, status := b.Exec(exe, "xxx"); status != 3 {
		t.Errorf("exit status %d", status)
	}
}

// A plan that is kept holds only as long as every file is what it was.
func TestOverlayNoticesEdits(t *testing.T) {
	b := box(t, inheriting)
	for i := 0; i < 3; i++ {
		for _, name := range []string{"alice", "carol"} {
			info, err := os.Stat(filepath.Join(b.Dir, "main.go"))
			if err != nil {
				t.Fatal(err)
			}
			b.Write("main.go", strings.NewReplacer("alice", name, "carol", name).Replace(b.Read("main.go")))
			if err := os.Chtimes(filepath.Join(b.Dir, "main.go"), info.ModTime(), info.ModTime()); err != nil {
				t.Fatal(err)
			}
			if stdout, _ := mustGls(t, b, "run", "-policy=all", "."); stdout != name+"\n" {
				t.Errorf("it prints %q, not %q", stdout, name)
			}
		}
	}
	b.Write("second.go", "package main\n\nfunc init() { go println(\"second\") }\n")
	_, stderr := mustGls(t, b, "run", "-policy=all", ".")
	wantContains(t, stderr, "3 of 3 go statements")
	_, stderr = mustGls(t, b, "run", ".")
	wantContains(t, stderr, "of 3 go statements and callbacks are rewritten")
}

// Output, exit status and flags are the go command's.
func TestOverlayPassesThrough(t *testing.T) {
	b := box(t, inheriting)
	stdout, _ := mustGls(t, b, "test", "-policy", "all", "-tests", "-short", "-v", "-count=1", "-cover", ".")
	wantContains(t, stdout, "sees tester", "--- PASS: TestFails", "coverage: ")
	stdout, _ = mustGls(t, b, "test", "-policy", "all", "-short", "-v", "-count=1", "-race", "-run", "TestSee", ".", "-args", "policy", "x")
	wantContains(t, stdout, "sees nobody")
	if stdout, _, exit := gls(t, b, "test", "-short", ".", "-args", "-policy", "x"); exit != 1 || !strings.Contains(stdout, "not defined: -policy") {
		t.Errorf("what follows -args does not reach the test: %s", stdout)
	}

	stdout, _, exit := gls(t, b, "test", "-policy", "all", ".")
	if exit != 1 {
		t.Errorf("exit status %d", exit)
	}
	wantContains(t, stdout, "--- FAIL: TestFails")
	if stdout, _, _ := gls(t, b, "run", "-policy", "all", "-ldflags", "-s -w", ".", "xx", "-policy"); stdout != "alice\n" {
		t.Errorf("run prints %q", stdout)
	}
	stdout, _ = mustGls(t, b, "test", "-C", b.Dir, "-json", "-short", ".")
	wantContains(t, stdout, `"Action":"pass"`)

	b.Write("bad.go", "package main\n\nvar x int = \"\"\n")
	_, want, wantExit := b.Exec("go", "build", ".")
	_, stderr, exit := gls(t, b, "build", ".")
	if exit != wantExit || !strings.Contains(stderr, strings.TrimSpace(want)) {
		t.Errorf("go build says (%d)\n%s\ngls build says (%d)\n%s", wantExit, want, exit, stderr)
	}
	for _, args := range [][]string{{"build", "-policy", "some"}, {"test", "-policy"}, {"build", "-takers=x"}, {"frobnicate"}} {
		if _, stderr, exit := gls(t, b, args...); exit == 0 || !strings.Contains(stderr, "gls: ") {
			t.Errorf("gls %v: exit status %d, %s", args, exit, stderr)
		}
	}
}

// The user's own overlay is merged, wherever it is named.
func TestOverlayOfUser(t *testing.T) {
	b := box(t, inheriting)
	b.Write("other/main.txt", strings.Replace(b.Read("main.go"), "alice", "from the overlay", 1))
	b.Write("other/added.txt", "package main\n\nfunc init() { println(\"added\") }\n")
	b.Write("user.json", `{"Replace": {"main.go": "other/main.txt", "added.go": "other/added.txt"}}`)
	for _, args := range [][]string{{"-overlay", "user.json"}, {"-overlay=user.json"}, nil} {
		if args == nil {
			b.Env = append(b.Env, "GOFLAGS=-overlay=user.json")
		}
		stdout, stderr := mustGls(t, b, append(append([]string{"run", "-policy=all"}, args...), ".")...)
		if stdout != "from the overlay\n" {
			t.Errorf("%v: it prints %q", args, stdout)
		}
		wantContains(t, stderr, "added")
		// Nothing to rewrite is no reason to lose it.
		stdout, _ = mustGls(t, b, append(append([]string{"run", "-policy=none"}, args...), ".")...)
		if stdout != "nobody\n" {
			t.Errorf("%v: without rewriting it prints %q", args, stdout)
		}
	}
	b.Write("user.json", `{"Replace": {"main.go": "other/edited.txt"}}`)
	b.Write("other/edited.txt", strings.Replace(b.Read("main.go"), "alice", "edited", 1))
	if stdout, _ := mustGls(t, b, "run", "-policy=all", "."); stdout != "edited\n" {
		t.Errorf("after an edit of the overlay it prints %q", stdout)
	}
}

// A requirement that is missing is supplied, and go.mod stays.
func TestOverlaySuppliesRequirement(t *testing.T) {
	b := box(t, plain)
	before := snapshot(t, b)
	want := b.Go("run", ".")
	for i := 0; i < 2; i++ {
		if stdout, _ := mustGls(t, b, "run", "-policy=all", "-lib", sandbox.Library(), "."); stdout != want {
			t.Errorf("it prints %q, not %q", stdout, want)
		}
	}
	_, stderr, exit := gls(t, b, "build", "-policy=all", ".")
	if exit != 1 {
		t.Errorf("exit status %d", exit)
	}
	wantContains(t, stderr, "-lib DIR")
	b.Write("other.mod", b.Read("go.mod"))
	other := snapshot(t, b)
	if stdout, _ := mustGls(t, b, "run", "-policy=all", "-lib", sandbox.Library(), "-modfile=other.mod", "."); stdout != want {
		t.Errorf("with -modfile it prints %q", stdout)
	}
	wantUnchanged(t, other, b)
	os.Remove(filepath.Join(b.Dir, "other.mod"))
	wantUnchanged(t, before, b)
}

// Packages that import the library before their module requires it are
// rewritten like the others; what cannot be rewritten is told every time.
func TestOverlayImportBeforeRequire(t *testing.T) {
	text := strings.Replace(inheriting, "$REQUIRE", "", 1)
	b := box(t, text)
	before := snapshot(t, b)
	for i := 0; i < 2; i++ {
		stdout, _ := mustGls(t, b, "run", "-policy=all", "-lib", sandbox.Library(), ".")
		if stdout != "alice\n" {
			t.Errorf("it prints %q", stdout)
		}
	}
	if stdout, _ := mustGls(t, b, "run", "-policy=none", "-lib", sandbox.Library(), "."); stdout != "nobody\n" {
		t.Errorf("without rewriting it prints %q", stdout)
	}
	wantUnchanged(t, before, b)
	_, stderr, exit := gls(t, b, "build", "-policy=all", "-o", os.DevNull, ".")
	if exit != 1 {
		t.Errorf("exit status %d", exit)
	}
	wantContains(t, stderr, "-lib DIR")

	b = box(t, inheriting+"-- broken/broken.go --\npackage broken\n\nfunc F() { go F(undefined) }\n")
	for i := 0; i < 2; i++ {
		_, stderr := mustGls(t, b, "build", "-policy=all", "-o", os.DevNull, ".")
		wantContains(t, stderr, "example.com/inheriting/broken is left as it is")
	}

	b = box(t, text+"-- vendor/modules.txt --\n")
	_, stderr, exit = gls(t, b, "build", "-policy=all", "-lib", sandbox.Library(), ".")
	if exit != 1 {
		t.Errorf("exit status %d", exit)
	}
	wantContains(t, stderr, "gls require", "go mod vendor")
}

func TestOverlayGoLine(t *testing.T) {
	b := box(t, strings.Replace(plain, "go 1.22", "go 1.17", 1))
	before := snapshot(t, b)
	defaults := b.Go("list", "-f", "{{.DefaultGODEBUG}}")
	exe := filepath.Join(t.TempDir(), "program")
	_, stderr := mustGls(t, b, "build", "-policy=all", "-lib", sandbox.Library(), "-o", exe, ".")
	wantContains(t, stderr, "says go 1.17, but the library needs go 1.21", "with the GODEBUG defaults as they were")
	wantContains(t, b.Go("version", "-m", exe), "DefaultGODEBUG="+strings.TrimSpace(defaults))
	wantUnchanged(t, before, b)

	// In a workspace, its go line is in the way too.
	b.Write("go.work", "go 1.17\n\nuse .\n")
	b.Env = append(b.Env, "GOWORK=")
	before = snapshot(t, b)
	mustGls(t, b, "build", "-policy=all", "-lib", sandbox.Library(), "-o", exe, ".")
	wantUnchanged(t, before, b)
}

func TestOverlayVendor(t *testing.T) {
	b := box(t, plain)
	b.Write("vendor/modules.txt", "")
	_, stderr, exit := gls(t, b, "build", "-policy=all", "-lib", sandbox.Library(), ".")
	if exit != 1 {
		t.Errorf("exit status %d", exit)
	}
	wantContains(t, stderr, "gls require", "go mod vendor")

	fixed := box(t, plain)
	fixed.Write("vendor/modules.txt", "")
	_, stderr = mustGls(t, fixed, "fix", "-policy=all", "-lib", sandbox.Library())
	wantContains(t, stderr, "vendor lacks packages that are imported now: run go mod vendor")
	fixed.Go("mod", "vendor")
	fixed.Go("build", "-o", os.DevNull, ".")

	mustGls(t, b, "require", "-lib", sandbox.Library())
	b.Go("mod", "vendor")
	before := snapshot(t, b)
	stdout, stderr := mustGls(t, b, "run", "-policy=all", ".")
	wantContains(t, stderr, "3 of ")
	if stdout != b.Go("run", ".") {
		t.Errorf("it prints %q", stdout)
	}
	wantUnchanged(t, before, b)
}

// Workspaces, modules that a folder replaces and vendored ones take part, and
// what comes from the module cache does not, which is said.
func TestOverlayReach(t *testing.T) {
	const lib = `
-- lib/go.mod --
module example.com/lib

go 1.21
-- lib/lib.go --
package lib

// Run calls f on another goroutine.
func Run(f func()) { done := make(chan bool); go func() { f(); close(done) }(); <-done }
`
	main := strings.NewReplacer("go See(out)", "go lib.Run(func() { See(out) })", `"strings"`, "\"strings\"\n\n\t\"example.com/lib\"",
		"$REQUIRE", "$REQUIRE\nrequire example.com/lib v0.0.0\nreplace example.com/lib => ./lib\n").Replace(inheriting)
	t.Run("replaced", func(t *testing.T) {
		b := box(t, main+lib)
		stdout, stderr := mustGls(t, b, "run", "-policy=all", ".")
		if stdout != "alice\n" {
			t.Errorf("it prints %q\n%s", stdout, stderr)
		}
	})
	t.Run("vendored", func(t *testing.T) {
		b := box(t, main+lib+"-- spawned.go --\npackage main\n\nimport _ \"github.com/seed18162548/contextvars/spawn\"\n")
		b.Go("mod", "vendor")
		before := snapshot(t, b)
		stdout, stderr := mustGls(t, b, "run", "-policy=all", ".")
		if stdout != "alice\n" {
			t.Errorf("it prints %q\n%s", stdout, stderr)
		}
		wantUnchanged(t, before, b)
		mustGls(t, b, "fix", "-policy=all", ".")
		if names := changed(before, snapshot(t, b)); len(names) != 1 || names[0] != "main.go" {
			t.Errorf("fix changed %v", names)
		}
	})
	t.Run("workspace", func(t *testing.T) {
		main := strings.NewReplacer("$REQUIRE\nrequire example.com/lib v0.0.0\nreplace example.com/lib => ./lib\n", "$REQUIRE").Replace(main)
		b := box(t, main+lib+"-- go.work --\ngo 1.22\n\nuse (\n\t.\n\t./lib\n)\n")
		b.Env = append(b.Env, "GOWORK=")
		before := snapshot(t, b)
		stdout, stderr := mustGls(t, b, "run", "-policy=all", "-lib", sandbox.Library(), ".")
		if stdout != "alice\n" {
			t.Errorf("it prints %q\n%s", stdout, stderr)
		}
		wantUnchanged(t, before, b)
	})
	t.Run("cache", func(t *testing.T) {
		b := box(t, strings.Replace(inheriting, "$REQUIRE", "$REQUIRE\nrequire github.com/stretchr/testify v1.10.0\n", 1)+
			"-- uses.go --\npackage main\n\nimport _ \"github.com/stretchr/testify/assert\"\n")
		b.Go("mod", "tidy")
		_, stderr := mustGls(t, b, "build", "-policy=all", "-o", os.DevNull, ".")
		wantContains(t, stderr, "not reached, as they come from the module cache: ", "github.com/stretchr/testify")
	})
}

// cgo, embedded files and build constraints work in an overlay as elsewhere.
func TestOverlayCgo(t *testing.T) {
	b := box(t, inheriting+`
-- twice.go --
package main

/*
// A comment before the import.
static int twice(int n) { return 2 * n; }
*/
import "C"

import (
	_ "embed"
	"fmt"
)

//go:embed twice.txt
var text string

func init() {
	defer user.Set(text).Reset()
	done := make(chan bool)
	go func(n C.int) { fmt.Println(C.twice(n), user.Get()); close(done) }(C.int(len(text)))
	<-done
}
-- twice.txt --
embedded
-- tagged.go --
//go:build tagged

package main

func init() { done := make(chan bool); go func() { println("tagged", user.Get()); close(done) }(); <-done }
`)
	stdout, stderr := mustGls(t, b, "run", "-policy=all", "-tags", "tagged", ".")
	if stdout != "18 embedded\n\nalice\n" {
		t.Errorf("it prints %q", stdout)
	}
	wantContains(t, stderr, "tagged nobody", "4 of 4")
}
