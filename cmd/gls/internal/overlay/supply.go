package overlay

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

	"golang.org/x/mod/modfile"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
	"github.com/seed18162548/contextvars/cmd/gls/internal/load"
	"github.com/seed18162548/contextvars/cmd/gls/internal/modreq"
	"github.com/seed18162548/contextvars/cmd/gls/internal/plan"
)

// mainModules returns the modules that are built: one, or those of a workspace.
func mainModules(dir string, flags []string) ([]*load.Module, error) {
	cmd := exec.Command("go", append([]string{"list", "-m", "-json"}, withoutBools(flags)...)...)
	cmd.Dir = dir
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("go list -m: %w\n%s", err, bytes.TrimSpace(stderr.Bytes()))
	}
	var mods []*load.Module
	for dec := json.NewDecoder(&stdout); ; {
		m := new(load.Module)
		switch err := dec.Decode(m); {
		case errors.Is(err, io.EOF):
			return mods, nil
		case err != nil:
			return nil, fmt.Errorf("go list -m: %w", err)
		}
		if m.Dir == "" {
			return nil, errors.New("there is no go.mod here or above")
		}
		mods = append(mods, m)
	}
}

// withoutBools returns the flags without -race and the like, which affect
// packages but not modules.
func withoutBools(flags []string) (kept []string) {
	for _, f := range flags {
		if name, _, _ := split(f); name == "race" || name == "msan" || name == "asan" {
			continue
		}
		kept = append(kept, f)
	}
	return kept
}

// replacements returns the folders that replace modules in m's go.mod.
func replacements(m *load.Module) (dirs []string) {
	data, err := os.ReadFile(m.GoMod)
	if err != nil {
		return nil
	}
	f, err := modfile.Parse(m.GoMod, data, nil)
	if err != nil {
		return nil // the go command will report the error
	}
	for _, r := range f.Replace {
		if r.New.Version == "" {
			dir := r.New.Path
			if !filepath.IsAbs(dir) {
				dir = filepath.Join(m.Dir, dir)
			}
			if _, err := os.Stat(dir); err == nil {
				dirs = append(dirs, dir)
			}
		}
	}
	return dirs
}

// listFlags returns the flags for go list, including the user's overlay. File
// names are absolute, because go list runs in another folder.
func (m *maker) listFlags() (flags []string) {
	for _, f := range m.Args.ListFlags() {
		if name, value, ok := split(f); name == "modfile" && ok {
			f = "-modfile=" + absolute(value)
		}
		flags = append(flags, f)
	}
	if m.Args.Overlay != "" {
		flags = append(flags, "-overlay="+absolute(m.Args.Overlay))
	}
	return flags
}

// absolute returns the absolute form of name, or name itself if there is an
// error.
func absolute(name string) string {
	if abs, err := filepath.Abs(name); err == nil {
		return abs
	}
	return name
}

// early makes an overlay in which the modules with those go.mod files require
// the library, so that those of their packages that import it can be loaded.
func (m *maker) early(gomods []string) (string, error) {
	for _, gomod := range gomods {
		dir := filepath.Dir(gomod)
		if vendor := m.vendorOf(dir); m.vendored(vendor) {
			return "", notVendored(vendor, glsapi.Gls)
		}
		if err := m.require(dir, gomod); err != nil {
			return "", err
		}
	}
	return m.overlay()
}

// supply overlays go.mod and go.sum if they lack the library, or checks that it
// is vendored.
func (m *maker) supply(mains []*load.Module, p *plan.Plan) error {
	for _, mod := range mains {
		if vendor := m.vendorOf(mod.Dir); m.vendored(vendor) {
			return m.checkVendored(vendor, p)
		}
	}
	touched := p.Modules()
	for _, mod := range mains {
		if len(mains) > 1 && touched[filepath.Clean(mod.GoMod)] == nil {
			continue
		}
		if err := m.require(mod.Dir, mod.GoMod); err != nil {
			return err
		}
	}
	return nil
}

// vendorOf returns the vendor folder that is used for the module in dir.
func (m *maker) vendorOf(dir string) string {
	if m.env["GOWORK"] != "" && m.env["GOWORK"] != "off" {
		dir = m.home
	}
	return filepath.Join(dir, "vendor")
}

// require overlays the go.mod and go.sum of the module in dir, or the files
// that a -modfile flag names instead, if they lack the library.
func (m *maker) require(dir, gomod string) error {
	if name := m.modfile(); name != "" {
		gomod = absolute(name)
	}
	if _, done := m.replace[gomod]; done {
		return nil
	}
	c, err := m.Library.PrepareFile(dir, gomod)
	if err != nil || c == nil {
		return err
	}
	if c.RaisedFrom != "" {
		kept, err := c.KeepGodebug()
		if err != nil {
			return err
		}
		m.st.Notes = append(m.st.Notes, fmt.Sprintf("%s says go %s, but the library needs go 1.21: this build takes it for go 1.21%s",
			c.GoMod, c.RaisedFrom, godebugNote(kept)))
		if err := m.raiseWork(); err != nil {
			return err
		}
	}
	for name, text := range map[string][]byte{c.GoMod: c.Mod, c.GoSum: c.Sum} {
		if _, taken := m.user[name]; taken {
			return fmt.Errorf("your -overlay replaces %s, which lacks a requirement on the library: add it there", name)
		}
		if m.replace[name], err = m.store(text, filepath.Ext(name)); err != nil {
			return err
		}
	}
	return nil
}

// raiseWork overlays the go.work if its go line is below the library's.
func (m *maker) raiseWork() error {
	name := m.env["GOWORK"]
	if name == "" || name == "off" {
		return nil
	}
	type texts struct{ old, new []byte }
	t, err := parseUnder(m, name, func(name string, data []byte) (texts, error) {
		raised, err := modreq.RaiseWork(name, data)
		return texts{data, raised}, err
	})
	if err != nil || bytes.Equal(t.old, t.new) {
		return err
	}
	m.replace[name], err = m.store(t.new, ".work")
	return err
}

func godebugNote(kept bool) string {
	if kept {
		return ", with the GODEBUG defaults as they were"
	}
	return ", with its GODEBUG defaults, because this go command has no godebug lines"
}

// vendored reports whether the build takes its dependencies from a folder.
func (m *maker) vendored(vendor string) bool {
	for _, f := range append(strings.Fields(m.env["GOFLAGS"]), m.Args.ListFlags()...) {
		if name, value, _ := split(f); name == "mod" {
			return value == "vendor"
		}
	}
	_, err := os.Stat(filepath.Join(vendor, "modules.txt"))
	return err == nil
}

// modfile returns the value of a -modfile flag.
func (m *maker) modfile() (file string) {
	for _, f := range append(strings.Fields(m.env["GOFLAGS"]), m.Args.ListFlags()...) {
		if name, value, ok := split(f); name == "modfile" && ok {
			file = value
		}
	}
	return file
}

// checkVendored returns an error with instructions if the vendor folder lacks a
// package that the rewritten files import.
func (m *maker) checkVendored(vendor string, p *plan.Plan) error {
	for _, path := range m.needs(p) {
		if _, err := os.Stat(filepath.Join(vendor, filepath.FromSlash(path))); err != nil {
			return notVendored(vendor, path)
		}
	}
	return nil
}

func notVendored(vendor, path string) error {
	return fmt.Errorf("%s has no %s, and nothing can be added to a vendor folder from outside. These two commands do it:\n"+
		"\tgls require\n\tgo mod vendor", vendor, path)
}

// userOverlay returns the replacements of the user's own overlay, from the flag
// or from GOFLAGS, under absolute paths.
func userOverlay(name, goflags string) (map[string]string, error) {
	if name == "" {
		for _, f := range strings.Fields(goflags) {
			if n, v, _ := split(f); n == "overlay" {
				name = v
			}
		}
	}
	if name == "" {
		return nil, nil
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("-overlay: %w", err)
	}
	var file struct{ Replace map[string]string }
	if err := json.Unmarshal(data, &file); err != nil {
		return nil, fmt.Errorf("-overlay %s: %w", name, err)
	}
	abs := map[string]string{}
	for k, v := range file.Replace {
		if k, err = filepath.Abs(k); err != nil {
			return nil, err
		}
		if v != "" {
			if v, err = filepath.Abs(v); err != nil {
				return nil, err
			}
		}
		abs[k] = v
	}
	return abs, nil
}
