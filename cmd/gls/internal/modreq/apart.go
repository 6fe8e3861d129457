package modreq

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/semver"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
)

// resolveApart completes f, the new go.mod, without loading the module: it adds
// what a module that only requires the library needs.
func (c *Change) resolveApart(f *modfile.File) error {
	dir, err := os.MkdirTemp("", "gls-mod-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	alone := new(modfile.File)
	if err := alone.AddModuleStmt("alone"); err != nil {
		return err
	}
	if err := alone.AddGoStmt(minGo); err != nil {
		return err
	}
	for _, r := range f.Require {
		if r.Mod.Path == glsapi.Module {
			if err := alone.AddRequire(r.Mod.Path, r.Mod.Version); err != nil {
				return err
			}
		}
	}
	for _, r := range f.Replace {
		if r.Old.Path == glsapi.Module {
			to := r.New.Path
			if r.New.Version == "" && !filepath.IsAbs(to) {
				to = filepath.Join(c.dir, to)
			}
			if err := alone.AddReplace(r.Old.Path, r.Old.Version, to, r.New.Version); err != nil {
				return err
			}
		}
	}
	text, err := alone.Format()
	if err != nil {
		return err
	}
	gomod := filepath.Join(dir, "go.mod")
	if err := os.WriteFile(gomod, text, 0o666); err != nil {
		return err
	}
	cmd := exec.Command("go", "list", "-mod=mod", "-deps", glsapi.Spawn, glsapi.Gls)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("cannot resolve %s: %w\n%s", glsapi.Module, err, bytes.TrimSpace(out))
	}
	if text, err = os.ReadFile(gomod); err != nil {
		return err
	}
	sum, err := os.ReadFile(filepath.Join(dir, "go.sum"))
	if err != nil {
		return err
	}
	return c.merge(f, text, sum)
}

// merge adds the requirements and checksums of another module to f.
func (c *Change) merge(f *modfile.File, text, sum []byte) error {
	other, err := modfile.Parse("go.mod", text, nil)
	if err != nil {
		return err
	}
	has := map[string]string{}
	for _, r := range f.Require {
		has[r.Mod.Path] = r.Mod.Version
	}
	for _, r := range other.Require {
		if v, ok := has[r.Mod.Path]; !ok || semver.Compare(v, r.Mod.Version) < 0 {
			f.AddNewRequire(r.Mod.Path, r.Mod.Version, r.Indirect)
		}
	}
	f.Cleanup()
	if c.Mod, err = f.Format(); err != nil {
		return err
	}
	c.Sum = append([]byte(nil), c.OldSum...)
	for _, line := range strings.SplitAfter(string(sum), "\n") {
		if !bytes.Contains(c.OldSum, []byte(line)) {
			c.Sum = append(c.Sum, line...)
		}
	}
	return nil
}
