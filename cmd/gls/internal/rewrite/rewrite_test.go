package rewrite_test

import (
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/seed18162548/contextvars/cmd/gls/internal/load"
	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
	"github.com/seed18162548/contextvars/cmd/gls/internal/sandbox"
)

// edit rewrites all go statements of the box's packages with by, in place, and
// returns how many.
func edit(t *testing.T, b *sandbox.Box, layout rewrite.Layout, by rewrite.Starter) (n int) {
	t.Helper()
	p, err := (&load.Config{Dir: b.Dir, Env: b.Env, Patterns: []string{"./..."}}).Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, pkg := range p.Packages {
		for _, err := range pkg.Errors {
			t.Error(err)
		}
		if pkg.Unit == nil {
			t.Fatalf("%s was not checked", pkg.ID)
		}
		for _, f := range pkg.Unit.Files {
			e := pkg.Unit.File(f, pkg.Sources[f], layout)
			ast.Inspect(f, func(node ast.Node) bool {
				if g, ok := node.(*ast.GoStmt); ok {
					if reason, ok := e.Go(g, by); !ok {
						t.Errorf("%s: %s", p.Fset.Position(g.Pos()), reason)
					}
					n++
				}
				return true
			})
			text, err := e.Bytes()
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(p.Fset.File(f.Pos()).Name(), text, 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
	return n
}

func archive(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

var layouts = map[string]rewrite.Layout{"pretty": rewrite.Pretty, "same lines": rewrite.SameLines}

// The program behaves as before in everything but what its children inherit.
func TestSemantics(t *testing.T) {
	before := sandbox.New(t, archive(t, "semantics.txtar"))
	want, stderr, exit := before.Exec("go", "run", ".")
	if exit != 0 {
		t.Fatal(stderr)
	}
	if !strings.HasPrefix(stderr, "0 of ") {
		t.Errorf("the program inherits before it is rewritten: %s", stderr)
	}
	for name, layout := range layouts {
		t.Run(name, func(t *testing.T) {
			b := sandbox.New(t, archive(t, "semantics.txtar"))
			edit(t, b, layout, rewrite.Inherit)
			got, stderr, exit := b.Exec("go", "run", ".")
			if exit != 0 {
				t.Fatalf("%s\n%s", stderr, b.Read("main.go"))
			}
			if got != want {
				t.Errorf("got\n%s\nwant\n%s\nof\n%s", got, want, b.Read("main.go"))
			}
			var inherited, started int
			if _, err := fmt.Sscanf(stderr, "%d of %d", &inherited, &started); err != nil || inherited != started || started < 60 {
				t.Errorf("not every child inherits: %s", stderr)
			}
		})
	}
}

// Programs that print the same before and after, and whose tests still compile.
func TestPrograms(t *testing.T) {
	for _, name := range []string{"loops", "loops122", "names"} {
		text := archive(t, name+".txtar")
		want := sandbox.New(t, text).Go("run", ".")
		for l, layout := range layouts {
			t.Run(name+"/"+l, func(t *testing.T) {
				b := sandbox.New(t, text)
				if edit(t, b, layout, rewrite.Inherit) == 0 {
					t.Fatal("there is nothing to rewrite")
				}
				if got := b.Go("run", "."); got != want {
					t.Errorf("got\n%s\nwant\n%s", got, want)
				}
				b.Go("vet", "./...")
				if edit(t, b, layout, rewrite.Inherit) != 0 {
					t.Error("go statements are left")
				}
			})
		}
	}
}

// In the layout for overlays, every token stays on its line.
func TestSameLines(t *testing.T) {
	text := archive(t, "lines.txtar")
	want := sandbox.New(t, text).Go("run", ".")
	b := sandbox.New(t, text)
	edit(t, b, rewrite.SameLines, rewrite.Inherit)
	if got := b.Go("run", "."); got != want {
		t.Errorf("got\n%s\nwant\n%s\nof\n%s", got, want, b.Read("main.go"))
	}
}

// What is not part of a statement stays as it is, in files that gofmt has not
// seen too.
func TestText(t *testing.T) {
	for _, name := range []string{"comments", "unformatted", "imports"} {
		t.Run(name, func(t *testing.T) {
			text := archive(t, name+".txtar")
			b := sandbox.New(t, text)
			edit(t, b, rewrite.Pretty, rewrite.Inherit)
			for _, f := range txtar.Parse([]byte(text)).Files {
				if want, ok := strings.CutSuffix(f.Name, ".golden"); ok {
					if got := b.Read(want); got != string(f.Data) {
						t.Errorf("%s: got\n%s\nwant\n%s", want, got, f.Data)
					}
				}
			}
			b.Go("vet", "./...")
		})
	}
}

// A value of a type that the file cannot name, though the call could take it.
func TestUnnameable(t *testing.T) {
	b := sandbox.New(t, archive(t, "unnameable.txtar"))
	p, err := (&load.Config{Dir: b.Dir, Env: b.Env}).Load()
	if err != nil {
		t.Fatal(err)
	}
	pkg := p.Packages[len(p.Packages)-1]
	for _, q := range p.Packages {
		if q.Path == "example.com/unnameable" {
			pkg = q
		}
	}
	e := pkg.Unit.File(pkg.Unit.Files[0], pkg.Sources[pkg.Unit.Files[0]], rewrite.Pretty)
	ast.Inspect(pkg.Unit.Files[0], func(n ast.Node) bool {
		if g, ok := n.(*ast.GoStmt); ok {
			reason, ok := e.Go(g, rewrite.Inherit)
			if ok || !strings.Contains(reason, "unexported type example.com/unnameable/other.flag") {
				t.Errorf("got %q, %t", reason, ok)
			}
		}
		return true
	})
	if e.Changed() {
		t.Error("something was edited")
	}
}
