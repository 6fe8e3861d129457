// Package modreq adds the requirement on this library to a module.
package modreq

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
)

// A Library says where the library comes from.
type Library struct {
	Version string // a release
	Dir     string // or a folder, made absolute
}

const noVersion = "v0.0.0-00010101000000-000000000000"

// minGo is the go line of the library's go.mod, the minimum for a module that
// requires it.
const minGo = "1.21"

// foundations lists the modules that the library needs.
var foundations = glsapi.Foundations

// ErrNoLibrary is returned by Prepare if a requirement is missing and this is a
// development build of the tool, which has no release to require.
var ErrNoLibrary = errors.New("this is a development build of gls, which has no version to require: " +
	"pass -lib DIR, the folder of github.com/seed18162548/contextvars, or add the requirement yourself")

// Find returns the library for the -lib flag dir or, if dir is empty, the
// release that this tool was built with. The Library is zero if there is none.
func Find(dir string, info *debug.BuildInfo) (Library, error) {
	if dir != "" {
		abs, err := filepath.Abs(dir)
		if err != nil {
			return Library{}, err
		}
		data, err := os.ReadFile(filepath.Join(abs, "go.mod"))
		if err != nil || modfile.ModulePath(data) != glsapi.Module {
			return Library{}, fmt.Errorf("-lib %s: there is no go.mod of %s", dir, glsapi.Module)
		}
		return Library{Dir: abs}, nil
	}
	if info == nil {
		return Library{}, nil
	}
	for _, dep := range info.Deps {
		if dep.Path == glsapi.Module && dep.Replace == nil && semver.IsValid(dep.Version) && dep.Version != noVersion {
			return Library{Version: dep.Version}, nil
		}
	}
	return Library{}, nil
}

// A Change is the new go.mod and go.sum of a module.
type Change struct {
	dir            string // of the module
	GoMod, GoSum   string // paths
	Mod, Sum       []byte
	OldMod, OldSum []byte
	RaisedFrom     string // the go line that had to be raised, or ""
}

// Prepare returns the changes that the module whose go.mod is gomod needs to
// import all packages of the library, or nil if it needs none. It does not
// change an existing requirement, and writes nothing to the module.
func (l Library) Prepare(gomod string) (*Change, error) {
	return l.PrepareFile(filepath.Dir(gomod), gomod)
}

// PrepareFile is like Prepare but uses the file gomod in place of dir's go.mod,
// as -modfile does.
func (l Library) PrepareFile(dir, gomod string) (*Change, error) {
	old, err := os.ReadFile(gomod)
	if err != nil {
		return nil, err
	}
	f, err := modfile.Parse(gomod, old, nil)
	if err != nil {
		return nil, err
	}
	if f.Module != nil && f.Module.Mod.Path == glsapi.Module {
		return nil, fmt.Errorf("%s is the library itself", gomod)
	}
	has := map[string]bool{}
	for _, r := range f.Require {
		has[r.Mod.Path] = true
	}
	if has[glsapi.Module] && hasAll(has, foundations) {
		return nil, nil
	}
	c := &Change{dir: dir, GoMod: gomod, GoSum: strings.TrimSuffix(gomod, ".mod") + ".sum", OldMod: old}
	if c.OldSum, err = os.ReadFile(c.GoSum); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	if !has[glsapi.Module] {
		if err := l.require(f); err != nil {
			return nil, err
		}
	}
	if err := c.raise(f); err != nil {
		return nil, err
	}
	f.Cleanup()
	text, err := f.Format()
	if err != nil {
		return nil, err
	}
	if err := c.resolve(text); err != nil {
		// A member of a workspace may not build by itself.
		if apart := c.resolveApart(f); apart != nil {
			return nil, err
		}
	}
	if crlf := []byte("\r\n"); bytes.Contains(old, crlf) {
		c.Mod = bytes.ReplaceAll(bytes.ReplaceAll(c.Mod, crlf, []byte("\n")), []byte("\n"), crlf)
	}
	return c, nil
}

// require adds the requirement to f. It does not change a replace in f.
func (l Library) require(f *modfile.File) error {
	version := l.Version
	for _, r := range f.Replace {
		if r.Old.Path == glsapi.Module {
			if version = r.Old.Version; version == "" {
				version = noVersion
			}
			add(f, version)
			return nil
		}
	}
	switch {
	case l.Dir != "":
		if err := f.AddReplace(glsapi.Module, "", filepath.ToSlash(l.Dir), ""); err != nil {
			return err
		}
		version = noVersion
	case version == "":
		return ErrNoLibrary
	}
	add(f, version)
	return nil
}

// add adds the requirement to the block of direct ones.
func add(f *modfile.File, version string) {
	lib := &modfile.Require{Mod: module.Version{Path: glsapi.Module, Version: version}}
	f.SetRequireSeparateIndirect(append(f.Require, lib))
}

// raise raises the go line to the minimum for the library.
func (c *Change) raise(f *modfile.File) error {
	old := "1.16" // the default of the go command
	if f.Go != nil {
		old = f.Go.Version
	}
	if compareGo(old, minGo) >= 0 {
		return nil
	}
	c.RaisedFrom = old
	return f.AddGoStmt(minGo)
}

// KeepGodebug adds a line to the new go.mod that keeps the GODEBUG defaults of
// the go line that was raised. It reports false if this go command does not
// support such lines. Do not use it for a go.mod that others read: before Go
// 1.23 such lines are errors.
func (c *Change) KeepGodebug() (ok bool, err error) {
	if c.RaisedFrom == "" || compareGo(goVersion(), "1.23") < 0 {
		return false, nil
	}
	f, err := modfile.Parse(c.GoMod, c.Mod, nil)
	if err != nil {
		return false, err
	}
	for _, g := range f.Godebug {
		if g.Key == "default" {
			return true, nil
		}
	}
	if err := f.AddGodebug("default", "go"+majorMinor(c.RaisedFrom)); err != nil {
		return false, err
	}
	c.Mod, err = f.Format()
	return true, err
}

// resolve runs the go command in a separate folder to complete the go.mod text
// and its go.sum.
func (c *Change) resolve(text []byte) error {
	dir, err := os.MkdirTemp("", "gls-mod-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	mod, sum := filepath.Join(dir, "gls.mod"), filepath.Join(dir, "gls.sum")
	if err := os.WriteFile(mod, text, 0o666); err != nil {
		return err
	}
	if err := os.WriteFile(sum, c.OldSum, 0o666); err != nil {
		return err
	}
	// All packages of the module are listed as well, because the requirement
	// can raise others, which then need checksums.
	cmd := exec.Command("go", "list", "-e", "-mod=mod", "-modfile="+mod, "-deps", "-test", glsapi.Spawn, glsapi.Gls, "./...")
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	if err := cmd.Run(); err != nil {
		return fmt.Errorf("cannot resolve the requirement of %s: %w\n%s", c.GoMod, err, bytes.TrimSpace(stderr.Bytes()))
	}
	if c.Sum, err = os.ReadFile(sum); err != nil {
		return err
	}
	if !bytes.Contains(c.Sum, []byte(foundations[0]+" ")) { // -e hides errors
		return fmt.Errorf("cannot resolve the requirement of %s\n%s", c.GoMod, bytes.TrimSpace(stderr.Bytes()))
	}
	if text, err = os.ReadFile(mod); err != nil {
		return err
	}
	c.Mod, err = c.complete(text, mod)
	return err
}

func hasAll(has map[string]bool, paths []string) bool {
	for _, p := range paths {
		if !has[p] {
			return false
		}
	}
	return true
}

// complete adds the modules that the library needs to the go.mod text, which is
// in the file name, as go mod tidy would.
func (c *Change) complete(text []byte, name string) ([]byte, error) {
	f, err := modfile.Parse(c.GoMod, text, nil)
	if err != nil {
		return nil, err
	}
	cmd := exec.Command("go", append([]string{"list", "-mod=mod", "-modfile=" + name, "-m", "-f", "{{.Path}} {{.Version}}"}, foundations...)...)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("cannot list what %s needs: %w", glsapi.Module, err)
	}
	has := map[string]bool{}
	for _, r := range f.Require {
		has[r.Mod.Path] = true
	}
	reqs := f.Require
	for _, line := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		path, version, _ := strings.Cut(line, " ")
		if !has[path] {
			if err := c.addSum(path, version); err != nil {
				return nil, err
			}
			reqs = append(reqs, &modfile.Require{Mod: module.Version{Path: path, Version: version}, Indirect: true})
		}
	}
	f.SetRequireSeparateIndirect(reqs)
	f.Cleanup()
	return f.Format()
}

// addSum adds the checksum of the go.mod of a required module even if no
// package of it is used, because a workspace reads it and would write the
// checksum to its own file.
func (c *Change) addSum(path, version string) error {
	if bytes.Contains(c.Sum, []byte(path+" "+version+"/go.mod ")) {
		return nil
	}
	cmd := exec.Command("go", "mod", "download", "-json", path+"@"+version)
	cmd.Dir = c.dir
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	out, err := cmd.Output()
	var got struct{ GoModSum, Error string }
	if e := json.Unmarshal(out, &got); e != nil && err == nil {
		err = e
	}
	if err != nil || got.GoModSum == "" {
		return fmt.Errorf("go mod download %s@%s: %v %s", path, version, err, got.Error)
	}
	c.Sum = append(c.Sum, fmt.Sprintf("%s %s/go.mod %s\n", path, version, got.GoModSum)...)
	return nil
}

// goVersion returns the version of the go command, as "1.26.8".
func goVersion() string {
	out, err := exec.Command("go", "env", "GOVERSION").Output()
	if err != nil {
		return minGo
	}
	version, _, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(string(out)), "go"), " ")
	return version
}
