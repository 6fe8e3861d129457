package fix_test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/seed18162548/contextvars/cmd/gls/internal/fix"
	"github.com/seed18162548/contextvars/cmd/gls/internal/handoff"
	"github.com/seed18162548/contextvars/cmd/gls/internal/load"
	"github.com/seed18162548/contextvars/cmd/gls/internal/modreq"
	"github.com/seed18162548/contextvars/cmd/gls/internal/plan"
	"github.com/seed18162548/contextvars/cmd/gls/internal/policy"
	"github.com/seed18162548/contextvars/cmd/gls/internal/sandbox"
	"github.com/seed18162548/contextvars/cmd/gls/internal/site"
)

func program() string {
	var s strings.Builder
	s.WriteString("-- go.mod --\nmodule example.com/many\n\ngo 1.21\n")
	for i := 0; i < 4; i++ {
		fmt.Fprintf(&s, "-- f%d.go --\npackage many\n\nfunc f%d() { go f%d() }\n", i, i, i)
	}
	return s.String()
}

// Whatever write is the last, every file is the old one or the new one, and no
// source file imports what go.mod does not require.
func TestInterrupted(t *testing.T) {
	stop := errors.New("interrupted")
	for last := 0; last <= 6; last++ {
		b := sandbox.New(t, program())
		wrote := map[string]bool{}
		_, err := fix.Run([]*load.Config{{Dir: b.Dir, Env: b.Env, Patterns: []string{"./..."}}}, fix.Options{
			Plan:    plan.Options{Options: site.Options{Policy: policy.All, Takers: handoff.Index(handoff.Known)}},
			Library: modreq.Library{Dir: sandbox.Library()},
			Write: func(name string, text []byte) error {
				if len(wrote) == last {
					return stop
				}
				wrote[filepath.Base(name)] = true
				return fix.ReplaceFile(name, text)
			},
		}, io.Discard, io.Discard)
		if last < 6 && !errors.Is(err, stop) || last == 6 && err != nil {
			t.Fatalf("%d: %v", last, err)
		}
		for i := 0; i < 4; i++ {
			name := fmt.Sprintf("f%d.go", i)
			text := b.Read(name)
			if wrote[name] != strings.Contains(text, "spawn.Go") || wrote[name] == strings.Contains(text, "go f") {
				t.Errorf("%d: %s is\n%s", last, name, text)
			}
			if wrote[name] && !(wrote["go.mod"] && wrote["go.sum"]) {
				t.Errorf("%d: %s was written before the requirement", last, name)
			}
		}
		b.Go("build", "./...")
	}
}

// A write that cannot finish leaves the old file, and nothing beside it.
func TestReplaceFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "x.go")
	if err := os.WriteFile(name, []byte("old"), 0o640); err != nil {
		t.Fatal(err)
	}
	if err := fix.ReplaceFile(name, []byte("new")); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(name); string(got) != "new" || info.Mode().Perm() != 0o640 {
		t.Errorf("it is %q with mode %v", got, info.Mode())
	}
	folder := filepath.Join(dir, "folder")
	if err := os.Mkdir(folder, 0o777); err != nil {
		t.Fatal(err)
	}
	if err := fix.ReplaceFile(folder, []byte("new")); err == nil {
		t.Error("a folder was replaced")
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 2 {
		t.Errorf("%d files are there: %v", len(entries), err)
	}
	link := filepath.Join(dir, "link.go")
	if err := os.Symlink("x.go", link); err != nil {
		t.Fatal(err)
	}
	if err := fix.ReplaceFile(link, []byte("through")); err != nil {
		t.Fatal(err)
	}
	if got, _ := os.ReadFile(name); string(got) != "through" {
		t.Errorf("the link's target is %q", got)
	}
}
