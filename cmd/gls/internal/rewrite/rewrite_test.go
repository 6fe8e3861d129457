package rewrite_test

import (
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"strings"
	"testing"

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
