// Package load finds and type-checks the packages that gls may edit.
//
// It asks the go command which packages there are and for the export data of
// those that it may not edit, and checks the others from source, so that they
// need not be compiled first. Two go list commands do it, whatever the size.
//
// It does not use golang.org/x/tools/go/packages, which asks the go command for
// the export data of all packages that it lists. That compiles all packages
// that are about to be rewritten first, and there is no export data for
// packages that import one with an error. It also does not report the names
// that files outside of the build declare, which the names of added imports
// must avoid.
package load

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
)

// A Config says what to load.
type Config struct {
	Dir      string            // where the go command runs; "" is here
	Env      []string          // added to the environment of the go command
	Flags    []string          // build flags: -tags, -race, -mod, -overlay and so on
	Patterns []string          // package patterns; none is "."
	Tests    bool              // with test files
	Replace  map[string]string // the user's own overlay: absolute path to content file
	Progress func(done, total int)
}

// Under returns c with another overlay for the go command.
func (c *Config) Under(overlay string) *Config {
	other := *c
	other.Flags = nil
	for _, f := range c.Flags {
		if !strings.HasPrefix(strings.TrimLeft(f, "-"), "overlay=") {
			other.Flags = append(other.Flags, f)
		}
	}
	other.Flags = append(other.Flags, "-overlay="+overlay)
	return &other
}

// A Module is a module as go list describes it.
type Module struct {
	Path, Version, Dir, GoMod, GoVersion string
	Main                                 bool
	Replace                              *Module
}

// Replaced returns the replacement of m, or m.
func (m *Module) Replaced() *Module {
	if m.Replace != nil {
		return m.Replace
	}
	return m
}

// listed is a package as go list describes it.
type listed struct {
	Dir, ImportPath, Name, ForTest, Export string
	Standard, DepOnly                      bool
	Module                                 *Module
	GoFiles, CgoFiles                      []string
	TestGoFiles, XTestGoFiles              []string
	IgnoredGoFiles                         []string
	Imports                                []string
	ImportMap                              map[string]string
	Error                                  *struct{ Pos, Err string }
}

const listFields = "Dir,ImportPath,Name,ForTest,Standard,DepOnly,Module,GoFiles,CgoFiles," +
	"TestGoFiles,XTestGoFiles,IgnoredGoFiles,Imports,ImportMap,Error"

// list runs go list.
func (c *Config) list(args ...string) ([]*listed, error) {
	cmd := exec.Command("go", append([]string{"list", "-e"}, args...)...)
	cmd.Dir = c.Dir
	cmd.Env = append(os.Environ(), c.Env...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	var pkgs []*listed
	for dec := json.NewDecoder(&stdout); ; {
		p := new(listed)
		switch err := dec.Decode(p); {
		case errors.Is(err, io.EOF):
			return pkgs, nil
		case err != nil:
			return nil, fmt.Errorf("go list: %w", err)
		}
		pkgs = append(pkgs, p)
	}
}

// editable reports whether gls may edit the package, at least in an overlay:
// its module is a main module, replaced by a folder, or vendored.
func (p *listed) editable() bool {
	m := p.Module
	if p.Standard || m == nil || strings.HasSuffix(p.ImportPath, ".test") || glsapi.IsFoundation(m.Path) {
		return false
	}
	return m.Main || m.Replace != nil && m.Replace.Version == "" && m.Replace.Path != "" || p.vendored()
}

// vendored reports whether the package is in the vendor folder of a module.
func (p *listed) vendored() bool {
	return p.Module != nil && !p.Module.Main && p.Module.Dir == "" &&
		strings.Contains(filepath.ToSlash(p.Dir), "/vendor/")
}

// cached reports whether the package is in the module cache.
func (p *listed) cached() bool {
	return !p.Standard && p.Module != nil && !p.editable() && !p.Module.Main && !glsapi.IsFoundation(p.Module.Path)
}

// ReadFile returns the text of a file as the go command sees it.
func (c *Config) ReadFile(name string) ([]byte, error) {
	if actual, ok := c.Replace[name]; ok {
		name = actual
	}
	return os.ReadFile(name)
}
