package load_test

import (
	"strings"
	"testing"

	"github.com/seed18162548/contextvars/cmd/gls/internal/load"
	"github.com/seed18162548/contextvars/cmd/gls/internal/sandbox"
)

const program = `
-- go.mod --
module example.com/x

go 1.21
-- a/a.go --
package a

import "example.com/x/b"

var A = b.B
-- b/b.go --
package b

import "fmt"

var B = fmt.Sprint(1)
-- b/b_test.go --
package b

var InTest = 1
-- b/b_outside_test.go --
package b_test

import "example.com/x/b"

var _ = b.InTest
-- b/b_plan9.go --
package b

var OnPlan9 = 1
-- cycle1/c.go --
package cycle1

import "example.com/x/cycle2"

var C = cycle2.C
-- cycle2/c.go --
package cycle2

import "example.com/x/cycle1"

var C = cycle1.C
-- syntax/s.go --
package syntax

func (
-- missing/m.go --
package missing

import "example.com/nowhere"

var _ = nowhere.X
`

func loadAll(t *testing.T, tests bool) map[string]*load.Package {
	t.Helper()
	b := sandbox.New(t, program)
	progress := 0
	p, err := (&load.Config{Dir: b.Dir, Env: b.Env, Patterns: []string{"./..."}, Tests: tests, Progress: func(done, total int) {
		if progress++; done != progress || total < 6 {
			t.Errorf("%d of %d packages the %dth time", done, total, progress)
		}
	}}).Load()
	if err != nil {
		t.Fatal(err)
	}
	if progress != len(p.Packages) {
		t.Errorf("progress ends at %d of %d", progress, len(p.Packages))
	}
	byID := map[string]*load.Package{}
	for _, pkg := range p.Packages {
		byID[pkg.ID] = pkg
	}
	return byID
}

// Errors stay with the packages that have them.
func TestLoad(t *testing.T) {
	pkgs := loadAll(t, false)
	for _, good := range []string{"a", "b"} {
		p := pkgs["example.com/x/"+good]
		if p == nil || p.Unit == nil || len(p.Errors) > 0 {
			t.Fatalf("%s: %+v", good, p)
		}
	}
	b := pkgs["example.com/x/b"]
	if !b.Unit.Reserved["InTest"] || !b.Unit.Reserved["OnPlan9"] || b.Unit.Reserved["B"] || len(b.Ignored) != 1 {
		t.Errorf("reserved %v, ignored %v", b.Unit.Reserved, b.Ignored)
	}
	if b.Unit.Version != "go1.21" {
		t.Errorf("version %s", b.Unit.Version)
	}
	for _, bad := range []string{"syntax", "missing"} {
		if p := pkgs["example.com/x/"+bad]; p == nil || p.Unit != nil || len(p.Errors) == 0 {
			t.Errorf("%s: %+v", bad, p)
		}
	}
	if pkgs["example.com/x/cycle1"].Unit != nil && pkgs["example.com/x/cycle2"].Unit != nil {
		t.Error("a cycle of imports has no error")
	}
}

func TestLoadTests(t *testing.T) {
	pkgs := loadAll(t, true)
	found := 0
	for id, p := range pkgs {
		if strings.Contains(id, "[example.com/x/b.test]") {
			found++
			if p.Unit == nil {
				t.Errorf("%s: %v", id, p.Errors)
			}
		}
	}
	if found != 2 {
		t.Errorf("%d packages are made for b's tests", found)
	}
}
