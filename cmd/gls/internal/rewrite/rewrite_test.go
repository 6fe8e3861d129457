package rewrite_test

import (
	"flag"
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

var update = flag.Bool("update", false, "write the .golden files of testdata")

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
// seen too, and whatever ends their lines.
func TestText(t *testing.T) {
	for _, name := range []string{"comments", "unformatted", "imports", "inline", "directives"} {
		t.Run(name, func(t *testing.T) {
			text := archive(t, name+".txtar")
			b := sandbox.New(t, text)
			edit(t, b, rewrite.Pretty, rewrite.Inherit)
			if *update {
				writeGoldens(t, b, name+".txtar")
			}
			wantGoldens(t, b, text, func(s string) string { return s })
			b.Go("vet", "./...")
		})
		t.Run(name+"/crlf", func(t *testing.T) {
			text := archive(t, name+".txtar")
			b := sandbox.New(t, text)
			for _, f := range txtar.Parse([]byte(text)).Files {
				if strings.HasSuffix(f.Name, ".go") {
					b.Write(f.Name, crlf(string(f.Data)))
				}
			}
			edit(t, b, rewrite.Pretty, rewrite.Inherit)
			wantGoldens(t, b, text, crlf)
			b.Go("vet", "./...")
		})
	}
}

func crlf(s string) string { return strings.ReplaceAll(s, "\n", "\r\n") }

// wantGoldens compares the files of the box with the archive's .golden files.
func wantGoldens(t *testing.T, b *sandbox.Box, archive string, ends func(string) string) {
	t.Helper()
	for _, f := range txtar.Parse([]byte(archive)).Files {
		if want, ok := strings.CutSuffix(f.Name, ".golden"); ok {
			if got := b.Read(want); got != ends(string(f.Data)) {
				t.Errorf("%s: got\n%s\nwant\n%s", want, got, f.Data)
			}
		}
	}
}

// writeGoldens writes the .golden files of an archive, for a person to read.
func writeGoldens(t *testing.T, b *sandbox.Box, name string) {
	t.Helper()
	ar := txtar.Parse([]byte(archive(t, name)))
	var kept []txtar.File
	for _, f := range ar.Files {
		if strings.HasSuffix(f.Name, ".golden") {
			continue
		}
		kept = append(kept, f)
		if got := b.Read(f.Name); strings.HasSuffix(f.Name, ".go") && got != string(f.Data) {
			kept = append(kept, txtar.File{Name: f.Name + ".golden", Data: []byte(got)})
		}
	}
	ar.Files = kept
	if err := os.WriteFile(filepath.Join("testdata", name), txtar.Format(ar), 0o666); err != nil {
		t.Fatal(err)
	}
}

// Where a comment would lose what it is about, the statement is left; an
// overlay has no readers.
func TestTornComments(t *testing.T) {
	b := sandbox.New(t, "-- go.mod --\nmodule example.com/torn\n\ngo 1.21\n\n$REQUIRE\n-- main.go --\npackage main\n\n"+
		"func f(x ...any) {}\n\nfunc g() int { return 1 }\n\nfunc main() {\n"+
		"\tgo f /* which */ (g(), 1)\n\tgo f(g() /* of no type */, nil)\n}\n")
	p, err := (&load.Config{Dir: b.Dir, Env: b.Env}).Load()
	if err != nil {
		t.Fatal(err)
	}
	pkg := p.Packages[0]
	for name, layout := range layouts {
		for _, f := range pkg.Unit.Files {
			e := pkg.Unit.File(f, pkg.Sources[f], layout)
			ast.Inspect(f, func(n ast.Node) bool {
				if g, isGo := n.(*ast.GoStmt); isGo {
					reason, ok := e.Go(g, rewrite.Inherit)
					if ok != (layout == rewrite.SameLines) || !ok && !strings.Contains(reason, "comments") {
						t.Errorf("%s: got %q, %t", name, reason, ok)
					}
				}
				return true
			})
		}
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
