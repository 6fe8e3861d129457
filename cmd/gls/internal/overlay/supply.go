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

	"github.com/seed18162548/contextvars/cmd/gls/internal/load"
	"github.com/seed18162548/contextvars/cmd/gls/internal/plan"
	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
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

// withoutBools returns the flags without -race and the like, which matter to
// packages, not to modules.
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
		return nil // the go command will say so
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

// listFlags returns the flags for go list, the user's overlay among them.
func (m *maker) listFlags() []string {
	flags := append([]string(nil), m.Args.List...)
	if m.Args.Overlay != "" {
		flags = append(flags, "-overlay="+m.Args.Overlay)
	}
	return flags
}

// supply overlays go.mod and go.sum where they lack the library, or checks that
// it is vendored.
func (m *maker) supply(mains []*load.Module, p *plan.Plan) error {
	for _, mod := range mains {
		vendor := filepath.Join(mod.Dir, "vendor")
		if m.env["GOWORK"] != "" && m.env["GOWORK"] != "off" {
			vendor = filepath.Join(m.home, "vendor")
		}
		if m.vendored(vendor) {
			return m.checkVendored(vendor, p)
		}
	}
	if name := m.modfile(); name != "" {
		return checkModfile(name)
	}
	touched := p.Modules()
	for _, mod := range mains {
		if len(mains) > 1 && touched[filepath.Clean(mod.GoMod)] == nil {
			continue
		}
		c, err := m.Library.Prepare(mod.GoMod)
		if err != nil {
			return err
		}
		if c == nil {
			continue
		}
		if c.RaisedFrom != "" {
			m.st.Notes = append(m.st.Notes, fmt.Sprintf("%s says go %s, but the library needs go 1.21: this build takes it for go 1.21%s",
				mod.GoMod, c.RaisedFrom, godebugNote(c.LosesOldGodebug)))
		}
		for _, name := range []string{c.GoMod, c.GoSum} {
			if _, taken := m.user[name]; taken {
				return fmt.Errorf("your -overlay replaces %s, which lacks a requirement on the library: add it there", name)
			}
		}
		if m.replace[c.GoMod], err = m.store(c.Mod, ".mod"); err != nil {
			return err
		}
		if m.replace[c.GoSum], err = m.store(c.Sum, ".sum"); err != nil {
			return err
		}
	}
	return nil
}

func godebugNote(lost bool) string {
	if lost {
		return ", with its GODEBUG defaults, because this go command has no godebug lines"
	}
	return ", with the GODEBUG defaults as they were"
}

// vendored reports whether the build takes its dependencies from a folder.
func (m *maker) vendored(vendor string) bool {
	for _, f := range append(strings.Fields(m.env["GOFLAGS"]), m.Args.List...) {
		if name, value, _ := split(f); name == "mod" {
			return value == "vendor"
		}
	}
	_, err := os.Stat(filepath.Join(vendor, "modules.txt"))
	return err == nil
}

// modfile returns the value of a -modfile flag.
func (m *maker) modfile() (file string) {
	for _, f := range append(strings.Fields(m.env["GOFLAGS"]), m.Args.List...) {
		if name, value, ok := split(f); name == "modfile" && ok {
			file = value
		}
	}
	return file
}

// checkModfile returns an error if the file lacks a requirement on the library:
// an overlay for a -modfile would have to guess what else it leaves out.
func checkModfile(name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return fmt.Errorf("-modfile: %w", err)
	}
	f, err := modfile.ParseLax(name, data, nil)
	if err != nil {
		return fmt.Errorf("-modfile: %w", err)
	}
	for _, r := range f.Require {
		if r.Mod.Path == rewrite.Module {
			return nil
		}
	}
	return fmt.Errorf("-modfile %s lacks a requirement on %s: add it there", name, rewrite.Module)
}

// checkVendored returns an error that says what to do if the vendor folder lacks
// a package that the rewritten files import.
func (m *maker) checkVendored(vendor string, p *plan.Plan) error {
	for _, path := range m.needs(p) {
		if _, err := os.Stat(filepath.Join(vendor, filepath.FromSlash(path))); err != nil {
			return fmt.Errorf("%s has no %s, and nothing can be added to a vendor folder from outside. These two commands do it:\n"+
				"\tgls require\n\tgo mod vendor", vendor, path)
		}
	}
	return nil
}

// userOverlay returns the replacements of the user's own overlay, from the flag or
// from GOFLAGS, under absolute paths.
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
