package overlay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/sumdb/dirhash"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
	"github.com/seed18162548/contextvars/cmd/gls/internal/load"
)

// A dep is a module of the module cache that is replaced with a copy. The go
// command accepts no overlay for files in its cache, but does for a copy.
type dep struct {
	path, version string // as they are required
	dir           string // of the copy
}

// deps copies the modules that Options.Deps names and overlays the go.mod of
// the main module, or the go.work, so that the copies replace them.
func (m *maker) deps(mains []*load.Module) error {
	modules, err := m.modules(mains)
	if err != nil {
		return err
	}
	var deps []dep
	for _, path := range m.Deps {
		d, err := m.dep(path, modules[path], mains)
		if err != nil {
			return fmt.Errorf("-deps %s: %w", path, err)
		}
		if d != nil {
			deps = append(deps, *d)
		}
	}
	if len(deps) == 0 {
		return nil
	}
	if work := m.env["GOWORK"]; work != "" && work != "off" {
		return m.replaceInWork(work, deps)
	}
	return m.replaceInMod(mains[0], deps)
}

// dep returns the copy of a module, or nil if no copy is needed because its
// files are not in the module cache.
func (m *maker) dep(path string, mod *load.Module, mains []*load.Module) (*dep, error) {
	if glsapi.IsFoundation(path) {
		return nil, fmt.Errorf("it is this library, or one that it needs, and cannot import it")
	}
	if m.vendored(m.vendorOf(mains[0].Dir)) {
		return nil, nil
	}
	if mod == nil {
		return nil, fmt.Errorf("this build has no package of such a module")
	}
	from := mod.Replaced()
	if mod.Main || mod.Replace != nil && mod.Replace.Version == "" {
		return nil, nil
	}
	want, err := m.checksum(mains, from)
	if err != nil {
		return nil, err
	}
	dir, err := m.copy(from, want)
	return &dep{path, mod.Version, dir}, err
}

// modules returns the modules whose packages the main modules use, by path. It
// lists packages, because to list modules the go command loads the whole module
// graph and then writes a go.work.sum.
func (m *maker) modules(mains []*load.Module) (map[string]*load.Module, error) {
	args := append([]string{"list", "-e", "-deps", "-json=Module"}, m.listFlags()...)
	if m.Plan.Tests {
		args = append(args, "-test")
	}
	cmd := exec.Command("go", append(append(args, "--"), patterns(mains)...)...)
	cmd.Dir = m.home
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go list: %w\n%s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	modules := map[string]*load.Module{}
	for dec := json.NewDecoder(&stdout); ; {
		var p struct{ Module *load.Module }
		switch err := dec.Decode(&p); {
		case errors.Is(err, io.EOF):
			return modules, nil
		case err != nil:
			return nil, fmt.Errorf("go list: %w", err)
		}
		if p.Module != nil {
			modules[p.Module.Path] = p.Module
		}
	}
}

// checksum returns the checksum that the go.sum files have for a module.
func (m *maker) checksum(mains []*load.Module, mod *load.Module) (string, error) {
	var files []string
	if name := m.modfile(); name != "" {
		files = append(files, strings.TrimSuffix(absolute(name), ".mod")+".sum")
	}
	for _, main := range mains {
		files = append(files, strings.TrimSuffix(main.GoMod, ".mod")+".sum")
	}
	if work := m.env["GOWORK"]; work != "" && work != "off" {
		files = append(files, work+".sum")
	}
	for _, name := range files {
		if actual := m.user[name]; actual != "" {
			name = actual
		}
		data, err := os.ReadFile(name)
		if err != nil {
			continue // a missing checksum is reported below
		}
		for _, line := range strings.Split(string(data), "\n") {
			f := strings.Fields(line)
			if len(f) == 3 && f[0] == mod.Path && f[1] == mod.Version {
				return f[2], nil
			}
		}
	}
	return "", fmt.Errorf("no go.sum has a checksum for %s %s, so a copy of it could not be verified", mod.Path, mod.Version)
}

// copy copies a module from the module cache to the cache of gls, unless it is
// already there, and verifies that the copy has the checksum want. The copy is
// never edited; its rewritten files are in the overlay, as for all other
// modules.
func (m *maker) copy(mod *load.Module, want string) (string, error) {
	escaped, err := module.EscapePath(mod.Path)
	if err != nil {
		return "", err
	}
	dir := filepath.Join(m.Cache, "deps", digest(mod.Path, mod.Version, want)[:16], filepath.FromSlash(escaped)+"@"+mod.Version)
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o777); err != nil {
		return "", err
	}
	tmp, err := os.MkdirTemp(filepath.Dir(dir), ".tmp-*")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(tmp)
	if err := copyTree(mod.Dir, tmp); err != nil {
		return "", err
	}
	got, err := dirhash.HashDir(tmp, mod.Path+"@"+mod.Version, dirhash.Hash1)
	if err != nil {
		return "", err
	}
	if got != want {
		return "", fmt.Errorf("its files in the module cache have the checksum %s, and go.sum says %s: go clean -modcache", got, want)
	}
	// A module without a go.mod has one in the download cache.
	gomod := filepath.Join(tmp, "go.mod")
	if _, err := os.Stat(gomod); os.IsNotExist(err) {
		if err := os.WriteFile(gomod, []byte("module "+modfile.AutoQuote(mod.Path)+"\n"), 0o444); err != nil {
			return "", err
		}
	}
	if err := os.Rename(tmp, dir); err != nil {
		if _, e := os.Stat(dir); e == nil {
			return dir, nil // another process was faster
		}
		return "", err
	}
	return dir, nil
}

// copyTree copies the files in a folder.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, name)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o777)
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		return os.WriteFile(target, data, 0o444)
	})
}

// replaceInMod overlays the go.mod of the main module, which also requires the
// library, to replace the modules with the copies.
func (m *maker) replaceInMod(mod *load.Module, deps []dep) error {
	if err := m.require(mod.Dir, mod.GoMod); err != nil {
		return err
	}
	name := mod.GoMod
	if file := m.modfile(); file != "" {
		name = absolute(file)
	}
	f, err := parseUnder(m, name, func(name string, data []byte) (*modfile.File, error) { return modfile.Parse(name, data, nil) })
	if err != nil {
		return err
	}
	for _, d := range deps {
		for _, version := range []string{"", d.version} {
			if err := f.DropReplace(d.path, version); err != nil {
				return err
			}
		}
		if err := f.AddReplace(d.path, d.version, filepath.ToSlash(d.dir), ""); err != nil {
			return err
		}
	}
	f.Cleanup()
	text, err := f.Format()
	if err != nil {
		return err
	}
	m.replace[name], err = m.store(text, ".mod")
	return err
}

// replaceInWork overlays the go.work to replace the modules with the copies.
func (m *maker) replaceInWork(name string, deps []dep) error {
	f, err := parseUnder(m, name, func(name string, data []byte) (*modfile.WorkFile, error) { return modfile.ParseWork(name, data, nil) })
	if err != nil {
		return err
	}
	for _, d := range deps {
		for _, version := range []string{"", d.version} {
			if err := f.DropReplace(d.path, version); err != nil {
				return err
			}
		}
		if err := f.AddReplace(d.path, d.version, filepath.ToSlash(d.dir), ""); err != nil {
			return err
		}
	}
	f.Cleanup()
	m.replace[name], err = m.store(modfile.Format(f.Syntax), ".work")
	return err
}

// parseUnder parses a file as the overlays have it.
func parseUnder[F any](m *maker, name string, parse func(name string, data []byte) (F, error)) (f F, err error) {
	actual := name
	if r, ok := m.replace[name]; ok {
		actual = r
	} else if r, ok := m.user[name]; ok {
		actual = r
	}
	data, err := os.ReadFile(actual)
	if err != nil {
		return f, err
	}
	return parse(name, data)
}
