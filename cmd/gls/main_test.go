package main

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed18162548/contextvars/cmd/gls/internal/sandbox"
)

// asTool has the test binary be the gls command.
const asTool = "GLS_TEST_AS_TOOL"

func TestMain(m *testing.M) {
	if os.Getenv(asTool) != "" {
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// box returns a sandbox in which "gls" can be run: its own cache, but the go
// command's usual one.
func box(t *testing.T, archive string) *sandbox.Box {
	t.Helper()
	b := sandbox.New(t, archive)
	gocache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	b.Env = append(b.Env, asTool+"=1", "XDG_CACHE_HOME="+t.TempDir(), "GOCACHE="+strings.TrimSpace(string(gocache)))
	return b
}

// gls runs the gls command.
func gls(t *testing.T, b *sandbox.Box, args ...string) (stdout, stderr string, exit int) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return b.Exec(self, args...)
}

// mustGls runs the gls command, which must succeed.
func mustGls(t *testing.T, b *sandbox.Box, args ...string) (stdout, stderr string) {
	t.Helper()
	stdout, stderr, exit := gls(t, b, args...)
	if exit != 0 {
		t.Fatalf("gls %s: exit status %d\n%s%s", strings.Join(args, " "), exit, stdout, stderr)
	}
	return stdout, stderr
}

// snapshot returns all files of the box.
func snapshot(t *testing.T, b *sandbox.Box) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(b.Dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(b.Dir, name)
		if err != nil {
			return err
		}
		files[rel] = b.Read(rel)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// changed returns the files in which two snapshots differ.
func changed(a, b map[string]string) (names []string) {
	for name, text := range b {
		if old, ok := a[name]; !ok || old != text {
			names = append(names, name)
		}
	}
	for name := range a {
		if _, ok := b[name]; !ok {
			names = append(names, name)
		}
	}
	return names
}

func wantUnchanged(t *testing.T, before map[string]string, b *sandbox.Box) {
	t.Helper()
	if names := changed(before, snapshot(t, b)); len(names) > 0 {
		t.Errorf("changed: %v", names)
	}
}

func wantContains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			t.Errorf("no %q in\n%s", p, text)
		}
	}
}

// plain is a program without the library: its goroutines tell whether a hook
// that the tests link in would find bindings. It has one statement of every
// class.
const plain = `
-- go.mod --
module example.com/plain

go 1.22
-- main.go --
package main

import (
	"fmt"
	"sync"
)

func work(n int, wg *sync.WaitGroup) { defer wg.Done(); fmt.Print(n, " ") }

func All() {
	var wg sync.WaitGroup
	wg.Add(1)
	go work(1, &wg)
	wg.Wait()
}

func Alone() { done := make(chan bool, 1); go report(done); finish(done) }

func report(done chan bool) { fmt.Print("alone "); done <- true }

func finish(done chan bool) { <-done }

func main() {
	All()
	Alone()
	done := make(chan bool)
	go func() { fmt.Print("main\n"); close(done) }()
	<-done
}
`
