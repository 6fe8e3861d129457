package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/seed18162548/contextvars/cmd/gls/internal/sandbox"
)

// The program in testdata/lifetime starts goroutines in the ways that services
// do, on behalf of ann. By the default policy those whose name ends in "+" are
// hers, and no other: they outlive her request.
func TestLifetime(t *testing.T) {
	b := box(t, "-- go.mod --\nmodule example.com/lives\n\ngo 1.25\n\n$REQUIRE\n")
	names := map[string]bool{}
	says := regexp.MustCompile(`seen\.Says\("([^"]*)"\)`)
	err := filepath.WalkDir(filepath.Join("testdata", "lifetime"), func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		for _, m := range says.FindAllStringSubmatch(string(text), -1) {
			names[m[1]] = true
		}
		b.Write(strings.TrimPrefix(name, filepath.Join("testdata", "lifetime")), string(text))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	stdout, stderr := mustGls(t, b, "run", ".", strconv.Itoa(len(names)))
	hers, others := 0, 0
	for _, line := range strings.Split(strings.TrimSpace(stdout), "\n") {
		name, user, _ := strings.Cut(line, "\t")
		if !names[name] {
			t.Errorf("%q is not in the sources, or came twice", name)
		}
		delete(names, name)
		want := "-"
		if strings.HasSuffix(name, "+") {
			want = "ann"
			hers++
		} else {
			others++
		}
		if user != want {
			t.Errorf("%s: it has the identity %s, not %s", name, user, want)
		}
	}
	for name := range names {
		t.Errorf("%s: it was not started", name)
	}
	if hers < 142 || others < 236 {
		t.Errorf("%d goroutines should inherit, and %d should not: too few\n%s", hers, others, stderr)
	}
}

// Two programs whose goroutines were given the first request's identity.
func TestLifetimePrograms(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"lazy", "job of ann is run as ann\nflush of ann is made as nobody\njob of bob is run as bob\nflush of bob is made as nobody\n"},
		{"dial", "ann's message is dispatched as nobody\nbob's message is dispatched as nobody\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			text, err := os.ReadFile(filepath.Join("testdata", c.name+".txtar"))
			if err != nil {
				t.Fatal(err)
			}
			if got, stderr := mustGls(t, box(t, string(text)), "run", "."); got != c.want {
				t.Errorf("it prints\n%s\nwant\n%s%s", got, c.want, stderr)
			}
		})
	}
}

// A type of -handlers marks what a queue's consumer calls.
func TestHandlers(t *testing.T) {
	const archive = `-- go.mod --
module example.com/app

go 1.22
-- main.go --
package main

import "fmt"

type Message struct{}

type Handler func(string)

func consume(m *Message) { go fmt.Println("message") }

var h Handler = func(s string) { go fmt.Println(s) }

type Job interface{ Do() error }

type mail struct{}

func (mail) Do() error { go fmt.Println("mail"); return nil }

func main() { consume(nil); h("x"); mail{}.Do() }
`
	b := box(t, archive)
	stdout, _ := mustGls(t, b, "fix", "-diff", "-lib", sandbox.Library())
	wantContains(t, stdout, "main.go:9: left: nothing waits for it, and no handler reaches it", "main.go:11: left", "main.go:17: left")
	stdout, _ = mustGls(t, b, "fix", "-diff", "-lib", sandbox.Library(), "-handlers=example.com/app.Message,example.com/app.Handler,example.com/app.Job")
	wantContains(t, stdout, "3  become spawn.Go")
	_, stderr, exit := gls(t, b, "fix", "-diff", "-handlers=Message")
	if exit != 1 {
		t.Errorf("exit status %d", exit)
	}
	wantContains(t, stderr, `"Message": want package.Type`)
}
