package load

import (
	"fmt"
	"go/ast"
	"go/build"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
)

// A Program is the result of loading a Config.
type Program struct {
	Fset     *token.FileSet
	Packages []*Package // those that may be edited, by ID
	// Cached lists the modules of the module cache that are part of the
	// program.
	Cached []string
	// Lacking lists the go.mod files of modules that import this library but do
	// not require it.
	Lacking []string

	config *Config
}

// A Package is a package that may be edited. Its Unit is nil if there are
// Errors.
type Package struct {
	ID      string // the import path, and the test that it is built for
	Path    string
	Dir     string
	Module  *Module
	Vendor  bool
	Named   bool // a pattern matches it
	Files   []string
	Ignored []string // files that the build configuration excludes
	Errors  []error
	Unit    *rewrite.Unit
	Sources map[*ast.File][]byte

	listed *listed
	order  int // dependencies come first, unless imports form a cycle
	types  *types.Package
	done   chan struct{} // closed when types is set
}

// ForTest reports whether the package is built for a test.
func (p *Package) ForTest() bool { return p.ID != p.Path || strings.HasSuffix(p.Path, "_test") }

// Load loads a program. Errors of single packages are in their Errors fields.
func (c *Config) Load() (*Program, error) {
	args := []string{"-deps", "-json=" + listFields}
	if c.Tests {
		args = append(args, "-test")
	}
	args = append(args, c.Flags...)
	patterns := c.Patterns
	if len(patterns) == 0 {
		patterns = []string{"."}
	}
	all, err := c.list(append(append(args, "--"), patterns...)...)
	if err != nil {
		return nil, err
	}

	p := &Program{Fset: token.NewFileSet(), config: c}
	var (
		byID    = map[string]*Package{}
		outside = map[string]bool{}
		cached  = map[string]bool{}
		missing = map[string]bool{}
		lacking = map[string]bool{}
	)
	for i, l := range all {
		switch {
		case l.Error != nil && l.Module == nil && isLibrary(l.ImportPath):
			missing[l.ImportPath] = true
		case l.editable():
			byID[l.ImportPath] = newPackage(l, i)
		case l.cached():
			cached[l.Module.Path] = true
		}
	}
	for _, pkg := range byID {
		for _, path := range pkg.listed.Imports {
			if byID[pkg.resolve(path)] == nil && path != "unsafe" && path != "C" {
				outside[pkg.resolve(path)] = true
			}
			if missing[path] && pkg.Module.Replaced().GoMod != "" {
				lacking[pkg.Module.Replaced().GoMod] = true
			}
		}
		p.Packages = append(p.Packages, pkg)
	}
	sort.Slice(p.Packages, func(i, j int) bool { return p.Packages[i].ID < p.Packages[j].ID })
	p.Cached, p.Lacking = sorted(cached), sorted(lacking)

	exports, err := c.exports(sorted(outside))
	if err != nil {
		return nil, err
	}
	p.check(byID, exports)
	return p, nil
}

// isLibrary reports whether path is the path of a package of this library's
// root module.
func isLibrary(path string) bool {
	for _, root := range []string{glsapi.Gls, glsapi.Spawn} {
		if path == root || strings.HasPrefix(path, root+"/") {
			return true
		}
	}
	return false
}

func sorted(set map[string]bool) []string {
	list := make([]string, 0, len(set))
	for s := range set {
		list = append(list, s)
	}
	sort.Strings(list)
	return list
}

func newPackage(l *listed, order int) *Package {
	path, _, _ := strings.Cut(l.ImportPath, " ")
	p := &Package{
		ID: l.ImportPath, Path: path, Dir: l.Dir, Module: l.Module,
		Vendor: l.vendored(), Named: !l.DepOnly, listed: l, order: order, done: make(chan struct{}), Sources: map[*ast.File][]byte{},
	}
	for _, f := range append(append([]string(nil), l.GoFiles...), l.CgoFiles...) {
		p.Files = append(p.Files, p.abs(f))
	}
	for _, f := range l.IgnoredGoFiles {
		p.Ignored = append(p.Ignored, p.abs(f))
	}
	if l.Error != nil {
		p.Errors = append(p.Errors, fmt.Errorf("%s%s", l.Error.Pos, l.Error.Err))
	}
	return p
}

func (p *Package) abs(f string) string {
	if filepath.IsAbs(f) {
		return f
	}
	return filepath.Join(p.Dir, f)
}

// resolve returns the ID of the package that p imports as path.
func (p *Package) resolve(path string) string {
	if id, ok := p.listed.ImportMap[path]; ok {
		return id
	}
	return path
}

// exports returns the files with the export data of packages.
func (c *Config) exports(ids []string) (map[string]string, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	args := append([]string{"-export", "-json=ImportPath,Export"}, c.Flags...)
	all, err := c.list(append(append(args, "--"), ids...)...)
	if err != nil {
		return nil, err
	}
	files := map[string]string{}
	for _, l := range all {
		files[l.ImportPath] = l.Export
	}
	return files, nil
}

// check parses and type-checks all packages, imported ones first.
func (p *Program) check(byID map[string]*Package, exports map[string]string) {
	var (
		mu     sync.Mutex // the importer is not for concurrent use
		finish sync.WaitGroup
		slots  = make(chan struct{}, runtime.GOMAXPROCS(0))
		ready  int
	)
	outside := importer.ForCompiler(p.Fset, "gc", func(id string) (io.ReadCloser, error) {
		if exports[id] == "" {
			return nil, fmt.Errorf("no export data for %s", id)
		}
		return os.Open(exports[id])
	})
	for _, pkg := range p.Packages {
		finish.Add(1)
		go func() {
			defer finish.Done()
			defer close(pkg.done)
			for _, path := range pkg.listed.Imports {
				if dep := byID[pkg.resolve(path)]; dep != nil && dep.order < pkg.order {
					<-dep.done
				}
			}
			slots <- struct{}{}
			defer func() { <-slots }()
			pkg.check(p, importFunc(func(path string) (*types.Package, error) {
				if path == "unsafe" {
					return types.Unsafe, nil
				}
				id := pkg.resolve(path)
				if dep := byID[id]; dep != nil {
					if dep.order > pkg.order || dep.types == nil {
						return nil, fmt.Errorf("%s has errors", id)
					}
					return dep.types, nil
				}
				mu.Lock()
				defer mu.Unlock()
				return outside.Import(id)
			}))
			mu.Lock()
			defer mu.Unlock()
			ready++
			if p.config.Progress != nil {
				p.config.Progress(ready, len(p.Packages))
			}
		}()
	}
	finish.Wait()
}

type importFunc func(path string) (*types.Package, error)

func (f importFunc) Import(path string) (*types.Package, error) { return f(path) }

// check parses and type-checks the package.
func (p *Package) check(in *Program, imports types.Importer) {
	var files []*ast.File
	for _, name := range p.Files {
		src, err := in.config.ReadFile(name)
		if err != nil {
			p.Errors = append(p.Errors, err)
			continue
		}
		f, err := parser.ParseFile(in.Fset, name, src, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			p.Errors = append(p.Errors, err)
			continue
		}
		files = append(files, f)
		p.Sources[f] = src
	}
	if len(p.Errors) > 0 {
		return
	}
	info := &types.Info{
		Types:        map[ast.Expr]types.TypeAndValue{},
		Instances:    map[*ast.Ident]types.Instance{},
		Defs:         map[*ast.Ident]types.Object{},
		Uses:         map[*ast.Ident]types.Object{},
		Implicits:    map[ast.Node]types.Object{},
		Selections:   map[*ast.SelectorExpr]*types.Selection{},
		Scopes:       map[ast.Node]*types.Scope{},
		FileVersions: map[*ast.File]string{},
	}
	version := ""
	if m := p.Module; m != nil && m.GoVersion != "" {
		version = "go" + m.GoVersion
	}
	conf := types.Config{
		Importer:    imports,
		FakeImportC: true,
		GoVersion:   version,
		Sizes:       types.SizesFor("gc", build.Default.GOARCH),
		Error:       func(err error) { p.Errors = append(p.Errors, err) },
	}
	pkg, _ := conf.Check(p.Path, in.Fset, files, info)
	p.types = pkg
	if len(p.Errors) > 0 {
		return
	}
	p.Unit = &rewrite.Unit{Fset: in.Fset, Pkg: pkg, Info: info, Files: files, Version: version, Reserved: p.reserved(in)}
}

// reserved returns the names that files of the package declare that are not
// part of this build of it.
func (p *Package) reserved(in *Program) map[string]bool {
	names := map[string]bool{}
	for _, f := range append(append([]string(nil), p.listed.TestGoFiles...), p.listed.IgnoredGoFiles...) {
		src, err := in.config.ReadFile(p.abs(f))
		if err != nil {
			continue
		}
		file, _ := parser.ParseFile(token.NewFileSet(), f, src, parser.SkipObjectResolution)
		if file == nil || file.Name.Name != p.listed.Name {
			continue
		}
		for _, d := range file.Decls {
			declared(d, names)
		}
	}
	return names
}

// declared adds the names that d declares.
func declared(d ast.Decl, names map[string]bool) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			names[d.Name.Name] = true
		}
	case *ast.GenDecl:
		for _, s := range d.Specs {
			switch s := s.(type) {
			case *ast.TypeSpec:
				names[s.Name.Name] = true
			case *ast.ValueSpec:
				for _, id := range s.Names {
					names[id.Name] = true
				}
			}
		}
	}
}
