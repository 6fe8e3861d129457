package main

import (
	"archive/zip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed18162548/contextvars/cmd/gls/internal/sandbox"
)

// fan is a module of the module cache that calls functions on other goroutines.
// Its language has no generics yet.
var fan = map[string]string{
	"go.mod": "module example.com/fan\n\ngo 1.16\n",
	"fan.go": `// Package fan calls functions elsewhere.
package fan

import "example.com/fan/internal/wait"

// Out calls f on another goroutine and waits for it.
func Out(f func()) {
	d := wait.New()
	go func() { f(); d.Done() }()
	d.Wait()
}

// Each calls f on another goroutine for each, by way of a channel.
func Each(ns []int, f func(int)) {
	type task struct{ f func(int) }
	c, fs := make(chan bool), make(chan func(int), 1)
	for _, n := range ns {
		go func(n int) { (<-fs)(n); c <- true }(n)
		fs <- f
		<-c
	}
}
`,
	"fan_test.go":           "package fan\n\nfunc init() { go panic(1) }\n",
	"internal/wait/wait.go": "package wait\n\ntype D chan bool\n\nfunc New() D { return make(D) }\n\nfunc (d D) Done() { close(d) }\n\nfunc (d D) Wait() { <-d }\n",
	"testdata/x.txt":        "embedded\n",
}

// withProxy gives a box a module cache of its own, and a proxy that serves
// modules from files before those that are in the usual cache.
func withProxy(t *testing.T, b *sandbox.Box, path string, files map[string]string) {
	t.Helper()
	out, err := exec.Command("go", "env", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	dir, cache := t.TempDir(), t.TempDir()
	t.Cleanup(func() {
		cmd := exec.Command("go", "clean", "-modcache")
		cmd.Env = append(os.Environ(), "GOMODCACHE="+cache)
		cmd.Run()
	})
	versions := filepath.Join(dir, filepath.FromSlash(path), "@v")
	if err := os.MkdirAll(versions, 0o777); err != nil {
		t.Fatal(err)
	}
	gomod := files["go.mod"]
	if gomod == "" {
		gomod = "module " + path + "\n"
	}
	for name, text := range map[string]string{"v1.0.0.mod": gomod, "v1.0.0.info": `{"Version":"v1.0.0"}`, "list": "v1.0.0\n"} {
		if err := os.WriteFile(filepath.Join(versions, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(filepath.Join(versions, "v1.0.0.zip"))
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for name, text := range files {
		w, err := z.Create(path + "@v1.0.0/" + name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	b.Env = append(b.Env, "GOMODCACHE="+cache, "GONOSUMDB=*", "GOFLAGS=-modcacherw",
		"GOPROXY=file://"+filepath.ToSlash(dir)+",file://"+filepath.ToSlash(strings.TrimSpace(string(out)))+"/cache/download")
}

const fanned = `
-- go.mod --
module example.com/fanned

go 1.22

require example.com/fan v1.0.0
-- main.go --
package main

import (
	"fmt"

	"example.com/fan"
	"github.com/seed18162548/contextvars/gls"
)

var user = gls.New("user", gls.Default("nobody"))

func main() {
	defer user.Set("alice").Reset()
	fan.Out(func() { fmt.Println("out", user.Get()) })
	fan.Each([]int{1}, func(n int) { fmt.Println("each", n, user.Get()) })
}
`

const fannedOut = "out alice\neach 1 alice\n"

func TestDeps(t *testing.T) {
	required := strings.Replace(fanned, "v1.0.0\n", "v1.0.0\n\n$REQUIRE\n", 1)
	t.Run("module", func(t *testing.T) {
		b := box(t, required)
		withProxy(t, b, "example.com/fan", fan)
		b.Go("mod", "tidy")
		before := snapshot(t, b)
		if got := b.Go("run", "."); got != "out nobody\neach 1 nobody\n" {
			t.Fatalf("go run prints %q", got)
		}
		_, stderr := mustGls(t, b, "build", "-policy=all", "-o", os.DevNull, ".")
		wantContains(t, stderr, "module cache: example.com/fan (-deps MODULE")
		for i := 0; i < 2; i++ {
			if got, stderr := mustGls(t, b, "run", "-policy=all", "-deps=example.com/fan", "."); got != fannedOut {
				t.Errorf("it prints %q\n%s", got, stderr)
			}
		}
		if got := b.Go("run", "."); got != "out nobody\neach 1 nobody\n" {
			t.Errorf("afterwards, go run prints %q", got)
		}
		b.Go("mod", "verify") // fails the test if a checksum differs
		wantUnchanged(t, before, b)

		// Doctor names the dependency, and then the statements in it.
		_, stderr = mustGls(t, b, "doctor", "-run", "run", ".")
		wantContains(t, stderr, "example.com/fan.Out", "with -deps example.com/fan, the statements in there are seen too", "2 of them could not be attributed")
		_, stderr = mustGls(t, b, "doctor", "-deps", "example.com/fan", "-run", "run", ".")
		wantContains(t, stderr, "example.com/fan@v1.0.0/fan.go:9 ", "repair it", "2 reads found nothing: 2 because")
	})
	t.Run("missing requirement", func(t *testing.T) {
		b := box(t, strings.Replace(fanned, "require", "require (\n\tgithub.com/petermattis/goid v0.0.0-20260820044319-269ab09b5261 // indirect\n)\n\nrequire", 1))
		withProxy(t, b, "example.com/fan", fan)
		b.Go("mod", "download", "example.com/fan")
		b.Go("mod", "edit", "-droprequire=github.com/petermattis/goid")
		before := snapshot(t, b)
		if got, stderr := mustGls(t, b, "run", "-policy=all", "-deps=example.com/fan", "-lib", sandbox.Library(), "."); got != fannedOut {
			t.Errorf("it prints %q\n%s", got, stderr)
		}
		b.Write("other.mod", b.Read("go.mod"))
		b.Write("other.sum", b.Read("go.sum"))
		if got, stderr := mustGls(t, b, "run", "-policy=all", "-deps=example.com/fan", "-lib", sandbox.Library(), "-modfile=other.mod", "."); got != fannedOut {
			t.Errorf("with -modfile it prints %q\n%s", got, stderr)
		}
		os.Remove(filepath.Join(b.Dir, "other.mod"))
		os.Remove(filepath.Join(b.Dir, "other.sum"))
		wantUnchanged(t, before, b)
	})
	t.Run("workspace", func(t *testing.T) {
		b := box(t, strings.NewReplacer("-- go.mod", "-- app/go.mod", "-- main.go", "-- app/main.go").Replace(required)+"-- go.work --\ngo 1.22\n\nuse ./app\n")
		withProxy(t, b, "example.com/fan", fan)
		b.Go("-C", "app", "mod", "tidy")
		b.Env = append(b.Env, "GOWORK=")
		b.Go("build", "-o", os.DevNull, "./app") // writes the go.work.sum
		before := snapshot(t, b)
		if got, stderr := mustGls(t, b, "run", "-policy=all", "-deps=example.com/fan", "./app"); got != fannedOut {
			t.Errorf("it prints %q\n%s", got, stderr)
		}
		wantUnchanged(t, before, b)
	})
	t.Run("vendored", func(t *testing.T) {
		b := box(t, required+"-- spawned.go --\npackage main\n\nimport _ \"github.com/seed18162548/contextvars/spawn\"\n")
		withProxy(t, b, "example.com/fan", fan)
		b.Go("mod", "tidy")
		b.Go("mod", "vendor")
		before := snapshot(t, b)
		if got, stderr := mustGls(t, b, "run", "-policy=all", "-deps=example.com/fan", "."); got != fannedOut {
			t.Errorf("it prints %q\n%s", got, stderr)
		}
		wantUnchanged(t, before, b)
	})
	t.Run("no go.mod", func(t *testing.T) {
		b := box(t, required)
		old := map[string]string{}
		for name, text := range fan {
			if name != "go.mod" {
				old[name] = text
			}
		}
		withProxy(t, b, "example.com/fan", old)
		b.Go("mod", "tidy")
		if got, stderr := mustGls(t, b, "run", "-policy=all", "-deps=example.com/fan", "."); got != fannedOut {
			t.Errorf("it prints %q\n%s", got, stderr)
		}
	})
	t.Run("refused", func(t *testing.T) {
		b := box(t, required)
		withProxy(t, b, "example.com/fan", fan)
		b.Go("mod", "tidy")
		for deps, want := range map[string]string{
			"example.com/other":                   "no package of such a module",
			"github.com/petermattis/goid":         "cannot import it",
			"github.com/seed18162548/contextvars": "cannot import it",
		} {
			_, stderr, exit := gls(t, b, "build", "-deps", deps, ".")
			if exit != 1 {
				t.Errorf("%s: exit status %d", deps, exit)
			}
			wantContains(t, stderr, want)
		}
		// What somebody edited in the module cache is no copy of the module.
		name := filepath.Join(strings.TrimSpace(b.Go("env", "GOMODCACHE")), "example.com", "fan@v1.0.0", "fan.go")
		if err := os.WriteFile(name, []byte("package fan\n"), 0o666); err != nil {
			t.Fatal(err)
		}
		_, stderr, exit := gls(t, b, "build", "-deps", "example.com/fan", ".")
		if exit != 1 {
			t.Errorf("exit status %d", exit)
		}
		wantContains(t, stderr, "have the checksum h1:", "go clean -modcache")
	})
}
