package glsdoctor_test

import (
	"os"
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
	files, err := filepath.Glob(filepath.Join(dir, "lost-*.tsv"))
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
			all[strings.TrimLeft(l, "0")] = true
		}
	}
	return all
}

func TestCounts(t *testing.T) {
	dir := t.TempDir()
	t.Setenv(glsdoctor.Dir, dir)
	defer user.Set("alice").Reset()
	defer tx.Set(1).Reset()

	before := registrytest.Now()
	do("a.go:1", func() {
		if got := glsdoctor.Get(user); got != "" {
			t.Errorf("a plain goroutine reads %q", got)
		}
		if got := glsdoctor.GetOr(user, "d"); got != "d" {
			t.Errorf("GetOr gives %q", got)
		}
		glsdoctor.Get(tx)     // private: spawn would not hand it on
		glsdoctor.Get(tenant) // the starter has none either
		if n := gls.CopyContext().Len(); n != 0 {
			t.Errorf("the child has %d bindings", n)
		}
		if len(before.New()) > 0 {
			t.Errorf("the child has an entry")
		}
		do("a.go:2", func() {
			if _, ok := glsdoctor.Lookup(user); ok {
				t.Error("a grandchild finds the binding")
			}
		})
		defer user.Set("bob").Reset()
		if got := glsdoctor.MustGet(user); got != "bob" {
			t.Errorf("its own binding is %q", got)
		}
		do("a.go:3", func() { glsdoctor.Get(user) })
	})
	spawn.Go(func() {}) // starts as ever
	if got := glsdoctor.Get(user); got != "alice" {
		t.Errorf("the starter reads %q", got)
	}

	got := lines(t, dir)
	want := []string{"3\ta.go:1\tuser", "1\ta.go:3\tuser"}
	for _, l := range want {
		if !got[l] {
			t.Errorf("no line %q in %v", l, got)
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
