//go:build gls_doctor

package glsdoctor_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsdoctor"
	"github.com/seed18162548/contextvars/internal/registry/registrytest"
	"github.com/seed18162548/contextvars/spawn"
)

var (
	user   = gls.New[string]("user")
	tx     = gls.New("tx", gls.NoInherit[int]())
	tenant = gls.New("tenant", gls.Default("none"))
	seen   = gls.New[int]("seen")
	never  = gls.New[int]("never")
)

// do runs f in a goroutine that glsdoctor starts, to its end.
func do(site string, f func()) {
	done := make(chan struct{})
	glsdoctor.Go(site, func() { defer close(done); f() })
	<-done
}

// lines returns the lines of all results files.
func lines(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "reads-*.tsv"))
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]bool{}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range strings.Split(strings.TrimSpace(string(data)), "\n") {
			all[strings.TrimSpace(strings.TrimLeft(l, "0"))] = true
		}
	}
	return all
}

// dir is where results go. It has to be known when the process starts, so the
// tests run in a second one.
var dir = os.Getenv(glsdoctor.Dir)

func TestMain(m *testing.M) {
	if dir != "" {
		os.Exit(m.Run())
	}
	temp, err := os.MkdirTemp("", "glsdoctor-test-")
	if err != nil {
		panic(err)
	}
	cmd := exec.Command(os.Args[0], os.Args[1:]...)
	cmd.Env = append(os.Environ(), glsdoctor.Dir+"="+temp)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	err = cmd.Run()
	os.RemoveAll(temp)
	if err != nil {
		os.Exit(1)
	}
}

// wantLines compares the lines of the results that have a word in them.
func wantLines(t *testing.T, word string, want ...string) {
	t.Helper()
	got := map[string]bool{}
	for l := range lines(t, dir) {
		if strings.Contains(l, word) {
			got[l] = true
		}
	}
	for _, l := range want {
		if !got[l] {
			t.Errorf("no line %q in %v", l, got)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestAlive(t *testing.T) { wantLines(t, "alive", "1\talive") }

func TestGo(t *testing.T) {
	defer user.Set("alice").Reset()
	defer tx.Set(1).Reset()
	tenant.With("other", func() {})
	before := registrytest.Now()
	do("a.go:1", func() {
		if got := user.Get(); got != "" {
			t.Errorf("a plain goroutine reads %q", got)
		}
		if got := user.GetOr("d"); got != "d" {
			t.Errorf("GetOr gives %q", got)
		}
		tx.Get()     // private: spawn would not hand it on
		tenant.Get() // the starter has none, but somebody has
		if n := gls.CopyContext().Len(); n != 0 {
			t.Errorf("the child has %d bindings", n)
		}
		if len(before.New()) > 0 {
			t.Errorf("the child has an entry")
		}
		do("a.go:2", func() {
			if _, ok := user.Lookup(); ok {
				t.Error("a grandchild finds the binding")
			}
		})
		defer user.Set("bob").Reset()
		if got := user.MustGet(); got != "bob" {
			t.Errorf("its own binding is %q", got)
		}
		do("a.go:3", func() { user.Get() })
	})
	if got := user.Get(); got != "alice" {
		t.Errorf("the starter reads %q", got)
	}
	wantLines(t, "a.go", "1\tworker\ta.go:1\ttenant", "3\tlost\ta.go:1\tuser", "1\tlost\ta.go:3\tuser")
}

// What package spawn and Wrap hand on has the origin of who asked for it.
func TestMarks(t *testing.T) {
	defer user.Set("alice").Reset()
	do("m.go:1", func() {
		var g spawn.Group
		g.Go(func() error { user.Get(); return nil })
		if err := g.Wait(); err != nil {
			t.Error(err)
		}
		if x, err := spawn.Start(func() (string, error) { return user.Get(), nil }).Wait(); x != "" || err != nil {
			t.Error(x, err)
		}
		run, err1, one := gls.Wrap(func() { user.Get() }), gls.WrapErr(func() error { user.Get(); return nil }), gls.Wrap1(func(int) { user.Get() })
		do("m.go:2", func() { run(); one(1); err1() })
	})
	wantLines(t, "m.go", "5\tlost\tm.go:1\tuser")
}

// A function that others call is counted against the statement that handed it
// on.
func TestFunc(t *testing.T) {
	defer user.Set("alice").Reset()
	type named func(xs ...int) int
	plain := glsdoctor.Func("f.go:1", func() { user.Get() })
	fails := glsdoctor.Func("f.go:2", func() error { user.Get(); return os.ErrClosed })
	sums := glsdoctor.Func[named]("f.go:3", func(xs ...int) int { user.Get(); return len(xs) })
	if none := glsdoctor.Func("f.go:4", (func())(nil)); none != nil {
		t.Error("a nil function became another one")
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		plain()
		if err := fails(); err != os.ErrClosed {
			t.Error(err)
		}
		if n := sums(1, 2, 3); n != 3 {
			t.Error(n)
		}
		defer func() {
			if recover() != "panic" {
				t.Error("a panic does not come through")
			}
		}()
		glsdoctor.Func("f.go:5", func() { panic("panic") })()
	}()
	<-done
	wantLines(t, "f.go", "1\tlost\tf.go:1\tuser", "1\tlost\tf.go:2\tuser", "1\tlost\tf.go:3\tuser")
}

// Goroutines that somebody else started are named by who created them.
func TestUnknown(t *testing.T) {
	defer seen.Set(1).Reset()
	done := make(chan struct{})
	go func() {
		defer close(done)
		seen.Get()
		never.Get()
		do("u.go:1", func() { seen.Get() })
		c := make(chan struct{})
		spawn.Go(func() { defer close(c); seen.Get() })
		<-c
	}()
	<-done
	settled := make(chan struct{})
	glsdoctor.Settled(func() { defer close(settled); seen.Get() })
	<-settled
	for l := range lines(t, dir) {
		switch {
		case strings.Contains(l, "unknown") && strings.Contains(l, "seen"):
			if !strings.HasPrefix(l, "3\tunknown\tgithub.com/seed18162548/contextvars/gls/glsdoctor_test.TestUnknown /") || !strings.Contains(l, "watch_on_test.go:") {
				t.Errorf("got %q", l)
			}
		case strings.Contains(l, "never") && l != "1\tnothing\t\tnever", strings.Contains(l, "seen") && l != "1\tnothing\t\tseen":
			t.Errorf("got %q", l)
		}
	}
}
