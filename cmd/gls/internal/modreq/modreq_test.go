package modreq_test

import (
	"errors"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/seed18162548/contextvars/cmd/gls/internal/modreq"
	"github.com/seed18162548/contextvars/cmd/gls/internal/sandbox"
)

const module = "github.com/seed18162548/contextvars"

// A release requires what it was built with; a development build nothing.
func TestFind(t *testing.T) {
	built := func(version string, replace *debug.Module) *debug.BuildInfo {
		return &debug.BuildInfo{Deps: []*debug.Module{{Path: "example.com/other", Version: "v9.9.9"}, {Path: module, Version: version, Replace: replace}}}
	}
	for _, c := range []struct {
		name string
		info *debug.BuildInfo
		want string
	}{
		{"release", built("v1.2.3", nil), "v1.2.3"},
		{"replaced", built("v1.2.3", &debug.Module{Path: "../.."}), ""},
		{"development", built("(devel)", nil), ""},
		{"no version", built("v0.0.0-00010101000000-000000000000", nil), ""},
		{"unknown", nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := modreq.Find("", c.info)
			if err != nil || got.Version != c.want || got.Dir != "" {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
	got, err := modreq.Find(sandbox.Library(), built("v1.2.3", nil))
	if err != nil || got.Dir != filepath.Clean(sandbox.Library()) || got.Version != "" {
		t.Errorf("got %+v, %v", got, err)
	}
	if _, err := modreq.Find(t.TempDir(), nil); err == nil {
		t.Error("a folder without the library is accepted")
	}
}

func TestPrepare(t *testing.T) {
	b := sandbox.New(t, "-- go.mod --\nmodule example.com/x\n\ngo 1.21 // the line\n\n// a comment\nrequire github.com/stretchr/testify v1.9.0\n-- x_test.go --\npackage x\n\nimport _ \"github.com/stretchr/testify/assert\"\n")
	gomod := filepath.Join(b.Dir, "go.mod")
	if _, err := (modreq.Library{}).Prepare(gomod); !errors.Is(err, modreq.ErrNoLibrary) {
		t.Errorf("got %v", err)
	}
	c, err := modreq.Library{Dir: sandbox.Library()}.Prepare(gomod)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		module + " v0.0.0-", "replace " + module + " => ", "github.com/petermattis/goid v0.0.0-", "// the line", "// a comment",
		"github.com/stretchr/testify v1.10.0", // the library's tests need that much
	} {
		if !strings.Contains(string(c.Mod), want) {
			t.Errorf("no %q in\n%s", want, c.Mod)
		}
	}
	if !strings.Contains(string(c.Sum), "github.com/stretchr/testify v1.10.0 h1:") {
		t.Errorf("no checksum for what was raised:\n%s", c.Sum)
	}
	if c.RaisedFrom != "" {
		t.Errorf("raised from %s", c.RaisedFrom)
	}
	// What it made is complete.
	b.Write("go.mod", string(c.Mod))
	b.Write("go.sum", string(c.Sum))
	b.Write("x.go", "package x\n\nimport _ \""+module+"/spawn\"\n")
	b.Go("vet", "./...")
	if c, err := (modreq.Library{}).Prepare(gomod); c != nil || err != nil {
		t.Errorf("the second time it wants %+v, %v", c, err)
	}
	if _, err := (modreq.Library{}).Prepare(filepath.Join(sandbox.Library(), "go.mod")); err == nil {
		t.Error("the library is to require itself")
	}
}
