// Package plan decides for a whole program what to rewrite: it returns the new
// text of every file, and a list of all places with what is done to them.
package plan

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"sort"
	"strings"

	"github.com/seed18162548/contextvars/cmd/gls/analysis/reused"
	"github.com/seed18162548/contextvars/cmd/gls/internal/load"
	"github.com/seed18162548/contextvars/cmd/gls/internal/policy"
	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
	"github.com/seed18162548/contextvars/cmd/gls/internal/site"
	"github.com/seed18162548/contextvars/cmd/gls/internal/verdict"
)

// Options configures which files are edited, in addition to site.Options.
type Options struct {
	site.Options
	Tests     bool
	Generated bool
	// AllEditable includes all packages that can be edited: also those that no
	// pattern names, vendored ones, and modules that replace others.
	AllEditable bool
	// Supply, if not nil, makes an overlay for the go command in which the
	// modules with those go.mod files require the library, and returns its
	// name.
	Supply func(gomods []string) (file string, err error)
}

// A Change is the new text of one file.
type Change struct {
	Path     string
	Old, New []byte
	Module   *load.Module
	Needs    []string // import paths of this library that the new text adds
}

// A Plan is a list of changes to a program.
type Plan struct {
	Changes []Change
	Sites   []site.Site
	// Problems lists packages that are not rewritten because they have errors.
	Problems []error
	// Warnings lists bindings to memory that a server reuses, for which no copy
	// can be written. No other goroutine may inherit them.
	Warnings []string
	Copies   int      // number of bindings that were changed to copies of such memory
	Cached   []string // modules of the module cache that are part of the program
}

// Make loads a program and returns its plan.
func Make(c *load.Config, o Options) (*Plan, error) {
	c.Tests = o.Tests
	prog, err := c.Load()
	if err != nil {
		return nil, err
	}
	if len(prog.Lacking) > 0 && o.Supply != nil {
		file, err := o.Supply(prog.Lacking)
		if err != nil {
			return nil, err
		}
		if prog, err = c.Under(file).Load(); err != nil {
			return nil, err
		}
	}
	p := &Plan{Cached: prog.Cached}
	done := map[string]bool{}
	program := judged(prog.Packages, &o)
	said := verdict.Set{} // of a program with tests, what is said without them
	if o.Tests {
		said = verdict.Collect(prog.Packages, verdict.Options{
			Options: policy.Options{Policy: o.Policy, Handlers: o.Handlers}, Takers: o.Takers,
		})
	}
	for _, pkg := range inOrder(prog.Packages) {
		if !o.AllEditable && (!pkg.Named || pkg.Vendor || pkg.Module == nil || !pkg.Module.Main) {
			continue
		}
		p.add(c, &o, pkg, program, said, done)
	}
	sort.Slice(p.Changes, func(i, j int) bool { return p.Changes[i].Path < p.Changes[j].Path })
	sort.SliceStable(p.Sites, func(i, j int) bool {
		a, b := p.Sites[i], p.Sites[j]
		if a.File != b.File {
			return a.File < b.File
		}
		return a.Line < b.Line
	})
	return p, nil
}

// judged returns the program that the policy examines: all packages that
// type-check.
func judged(pkgs []*load.Package, o *Options) *policy.Program {
	var units []*rewrite.Unit
	for _, pkg := range pkgs {
		if pkg.Unit != nil {
			units = append(units, pkg.Unit)
		}
	}
	return policy.NewProgram(units, policy.Options{Policy: o.Policy, Handlers: o.Handlers})
}

// inOrder returns the packages sorted so that the most complete variant of a
// package, the one with its own tests, comes first.
func inOrder(pkgs []*load.Package) []*load.Package {
	rank := func(p *load.Package) int {
		switch {
		case p.ID == p.Path:
			return 1
		case strings.Contains(p.ID, " ["+strings.TrimSuffix(p.Path, "_test")+".test]"):
			return 0
		}
		return 2
	}
	sorted := append([]*load.Package(nil), pkgs...)
	sort.SliceStable(sorted, func(i, j int) bool { return rank(sorted[i]) < rank(sorted[j]) })
	return sorted
}

func (p *Plan) add(c *load.Config, o *Options, pkg *load.Package, program *policy.Program, said verdict.Set, done map[string]bool) {
	if pkg.Unit == nil {
		if !done[pkg.Path] {
			done[pkg.Path] = true
			p.Problems = append(p.Problems, fmt.Errorf("%s is left as it is: %w", pkg.Path, errors.Join(pkg.Errors...)))
			p.unchecked(c, pkg, done)
		}
		return
	}
	for _, name := range pkg.Ignored {
		p.listed(c, pkg, name, "the build configuration excludes its file", done)
	}
	var judge *verdict.Judge
	bindings := reused.New(pkg.Unit)
	for _, f := range pkg.Unit.Files {
		name := pkg.Unit.Fset.File(f.FileStart).Name()
		if done[name] {
			continue
		}
		done[name] = true
		if !o.Tests && strings.HasSuffix(name, "_test.go") {
			continue
		}
		if !o.Generated && ast.IsGenerated(f) {
			p.list(pkg, f, pkg.Unit.Fset, pkg.Sources[f], "its file is generated")
			continue
		}
		if judge == nil {
			judge = said.Judge(pkg.Unit, program.Judge(pkg.Unit))
		}
		sites, edit := o.Walk(pkg.Unit, judge, f, pkg.Sources[f])
		if o.By == nil && o.Policy != policy.None {
			p.copyReused(bindings, f, edit)
		}
		var text []byte
		if edit.Changed() {
			var err error
			if text, err = edit.Bytes(); err != nil {
				p.Problems = append(p.Problems, fmt.Errorf("%s is left as it is: %w", name, err))
				p.list(pkg, f, pkg.Unit.Fset, pkg.Sources[f], "the edits of its file exclude each other")
				continue
			}
		}
		p.Sites = append(p.Sites, sites...)
		if text == nil {
			continue
		}
		p.Changes = append(p.Changes, Change{Path: name, Old: pkg.Sources[f], New: text, Module: pkg.Module, Needs: edit.Imports()})
	}
}

// copyReused changes bindings to memory that a server reuses into bindings to
// copies, because a goroutine that inherits them would read another request's
// values.
func (p *Plan) copyReused(bindings *reused.Search, f *ast.File, edit *rewrite.File) {
	for _, b := range bindings.Find(f) {
		if b.Copy(edit) {
			p.Copies++
			continue
		}
		pos := edit.Position(b.Value().Pos())
		p.Warnings = append(p.Warnings, fmt.Sprintf("%s:%d: %s", pos.Filename, pos.Line, b))
	}
}

// unchecked lists the places in a package that does not type-check.
func (p *Plan) unchecked(c *load.Config, pkg *load.Package, done map[string]bool) {
	for _, name := range pkg.Files {
		p.listed(c, pkg, name, "its package has errors", done)
	}
}

// listed lists the go statements of a file that is not part of the build.
func (p *Plan) listed(c *load.Config, pkg *load.Package, name, why string, done map[string]bool) {
	if done[name] || strings.HasSuffix(name, "_test.go") {
		return
	}
	done[name] = true
	src, err := c.ReadFile(name)
	if err != nil {
		return
	}
	fset := token.NewFileSet()
	f, _ := parser.ParseFile(fset, name, src, parser.SkipObjectResolution)
	if f != nil {
		p.list(pkg, f, fset, src, why)
	}
}

// list lists the go statements of a file that is not rewritten.
func (p *Plan) list(pkg *load.Package, f *ast.File, fset *token.FileSet, src []byte, why string) {
	for _, s := range site.List(fset, f, src) {
		s.Package, s.Class, s.Reason, s.Left = pkg.Path, policy.Skipped, why, why
		p.Sites = append(p.Sites, s)
	}
}

// Leave drops the changes to the module whose go.mod has that path, and records
// the reason at its places.
func (p *Plan) Leave(gomod, reason string) {
	left := map[string]bool{}
	var kept []Change
	for _, c := range p.Changes {
		if c.Module != nil && filepath.Clean(c.Module.Replaced().GoMod) == gomod {
			left[c.Path] = true
			continue
		}
		kept = append(kept, c)
	}
	p.Changes = kept
	for i := range p.Sites {
		if s := &p.Sites[i]; left[s.File] && s.Becomes != "" {
			s.Becomes, s.Left = "", reason
		}
	}
}

// Modules returns the modules in which imports are added, by the paths of their
// go.mod. Vendored ones have none.
func (p *Plan) Modules() map[string]*load.Module {
	modules := map[string]*load.Module{}
	for _, c := range p.Changes {
		if m := c.Module; m != nil && m.Replaced().GoMod != "" && len(c.Needs) > 0 {
			modules[filepath.Clean(m.Replaced().GoMod)] = m
		}
	}
	return modules
}
