package analysis_test

import (
	"flag"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"
	"golang.org/x/tools/txtar"

	suite "github.com/seed18162548/contextvars/cmd/gls/analysis"
	"github.com/seed18162548/contextvars/cmd/gls/internal/sandbox"
)

var update = flag.Bool("update", false, "write the .golden files of testdata")

// Every archive in testdata is a program for one analyzer, with flags in its
// comment. Its "// want" comments say what is found. Its .golden files are
// what the first fixes make of it; then the program is run, and the file
// "output" is what it prints.
func TestAnalyzers(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < len(suite.All()) {
		t.Fatalf("%d archives: %v", len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		t.Run(name, func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			ar := txtar.Parse(text)
			command := strings.Fields(string(ar.Comment)) // analyzer, -flag=value …
			b := sandbox.New(t, string(text))
			fixed := fixes(t, b, analyzer(t, command))
			checkGoldens(t, b, file, ar, fixed)
			for name, text := range fixed {
				b.Write(name, text)
			}
			run(t, b, ar)
		})
	}
}

// The documentation of each analyzer is that of its package, to which its URL
// leads.
func TestDocumentation(t *testing.T) {
	for _, a := range suite.All() {
		text, err := exec.Command("go", "doc", "./"+a.Name).Output()
		if err != nil {
			t.Fatal(err)
		}
		if first, _, _ := strings.Cut(a.Doc, "\n"); len(a.Doc) < 100 || !strings.Contains(string(text), a.Name+": "+first) {
			t.Errorf("%s: the documentation of the package lacks %q", a.Name, first)
		}
		if !strings.HasSuffix(a.URL, "/cmd/gls/analysis/"+a.Name) {
			t.Errorf("%s: URL %s", a.Name, a.URL)
		}
	}
}

// analyzer returns the analyzer that a command names, with its flags set until
// the test ends.
func analyzer(t *testing.T, command []string) *analysis.Analyzer {
	for _, a := range suite.All() {
		if a.Name != command[0] {
			continue
		}
		for _, f := range command[1:] {
			name, value, _ := strings.Cut(strings.TrimPrefix(f, "-"), "=")
			old := a.Flags.Lookup(name).Value.String()
			if err := a.Flags.Set(name, value); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { a.Flags.Set(name, old) })
		}
		return a
	}
	t.Fatalf("there is no analyzer %q", command[0])
	return nil
}

// fixes returns the files as the first fix of every diagnostic makes them.
func fixes(t *testing.T, b *sandbox.Box, a *analysis.Analyzer) map[string]string {
	type edit struct {
		from, to int
		text     string
	}
	edits := map[string]map[edit]bool{}
	for _, r := range analysistest.Run(t, b.Dir, a, "./...") {
		for _, d := range r.Action.Diagnostics {
			if len(d.SuggestedFixes) == 0 {
				continue
			}
			for _, e := range d.SuggestedFixes[0].TextEdits {
				f := r.Action.Package.Fset.File(e.Pos)
				name, err := filepath.Rel(b.Dir, f.Name())
				if err != nil {
					t.Fatal(err)
				}
				if edits[name] == nil {
					edits[name] = map[edit]bool{}
				}
				edits[name][edit{f.Offset(e.Pos), f.Offset(e.End), string(e.NewText)}] = true
			}
		}
	}
	fixed := map[string]string{}
	for name, set := range edits {
		var list []edit
		for e := range set {
			list = append(list, e)
		}
		sort.Slice(list, func(i, j int) bool {
			return list[i].from > list[j].from || list[i].from == list[j].from && list[i].to > list[j].to
		})
		text := b.Read(name)
		for _, e := range list {
			text = text[:e.from] + e.text + text[e.to:]
		}
		out, err := format.Source([]byte(text))
		if err != nil {
			t.Fatalf("%v in\n%s", err, text)
		}
		fixed[name] = string(out)
	}
	return fixed
}

// checkGoldens compares the fixed files with the archive's.
func checkGoldens(t *testing.T, b *sandbox.Box, file string, ar *txtar.Archive, fixed map[string]string) {
	if *update {
		var kept []txtar.File
		for _, f := range ar.Files {
			if strings.HasSuffix(f.Name, ".golden") {
				continue
			}
			kept = append(kept, f)
			if text, ok := fixed[f.Name]; ok {
				kept = append(kept, txtar.File{Name: f.Name + ".golden", Data: []byte(text)})
			}
		}
		ar.Files = kept
		if err := os.WriteFile(file, txtar.Format(ar), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	goldens := 0
	for _, f := range ar.Files {
		if name, ok := strings.CutSuffix(f.Name, ".golden"); ok {
			goldens++
			if fixed[name] != string(f.Data) {
				t.Errorf("%s: got\n%s\nwant\n%s", name, fixed[name], f.Data)
			}
		}
	}
	if goldens != len(fixed) {
		t.Errorf("%d files have fixes, and %d are in the archive", len(fixed), goldens)
	}
}

// run compiles and runs the fixed program, and its tests.
func run(t *testing.T, b *sandbox.Box, ar *txtar.Archive) {
	b.Go("vet", "./...")
	for _, f := range ar.Files {
		switch f.Name {
		case "output":
			if got := b.Go("run", "."); got != string(f.Data) {
				t.Errorf("the fixed program prints\n%s\nwant\n%s", got, f.Data)
			}
		case "tests":
			if got := b.Go("test", "."); !strings.HasPrefix(got, "ok") {
				t.Errorf("the fixed tests: %s", got)
			}
		}
	}
}
