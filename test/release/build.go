package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sort"
	"strings"

	"golang.org/x/mod/modfile"
)

// root is the path of the root module, with which all others begin.
const root = "github.com/seed18162548/contextvars"

// A mod is a module that is published.
type mod struct {
	path string // "github.com/seed18162548/contextvars/contrib/glszap"
	dir  string // "contrib/glszap", or "" for the root
	file *modfile.File
}

// tag returns the tag that makes version a version of m.
func (m *mod) tag(version string) string {
	if m.dir == "" {
		return version
	}
	return m.dir + "/" + version
}

// A build is a release in the making: a clone whose last commit is tagged, and
// a proxy that serves it.
type build struct {
	version string
	clone   string
	proxy   proxy
	modules []*mod // each after those that it requires
}

// published reports whether the module in dir is one that others can require.
func published(dir string) bool {
	return dir == "" || dir == "cmd/gls" || strings.HasPrefix(dir, "contrib/")
}

// make clones the checkout's last commit and makes the release of it.
func (b *build) make(checkout string) error {
	if _, err := output("", nil, "git", "clone", "-q", "--no-tags", checkout, b.clone); err != nil {
		return err
	}
	if tags, err := output(checkout, nil, "git", "tag", "--list", b.version); err != nil || tags != "" {
		return fmt.Errorf("%s is tagged already: %w", b.version, err)
	}
	if err := b.find(); err != nil {
		return err
	}
	for _, m := range b.modules {
		if err := b.pin(m); err != nil {
			return fmt.Errorf("%s: %w", m.path, err)
		}
	}
	// One commit for all, and every module packed anew from it: a module's own
	// files are the same in both, so its checksum is the one that its
	// dependents have.
	if err := b.commit("--amend", "--message", "release "+b.version); err != nil {
		return err
	}
	for _, m := range b.modules {
		if err := b.proxy.add(b, m); err != nil {
			return err
		}
		if _, err := output(b.clone, nil, "git", "tag", m.tag(b.version)); err != nil {
			return err
		}
	}
	fmt.Printf("%s: %d modules\n", b.version, len(b.modules))
	return nil
}

// find fills in modules.
func (b *build) find() error {
	list, err := output(b.clone, nil, "git", "ls-files", "go.mod", "*/go.mod")
	if err != nil {
		return err
	}
	byPath := make(map[string]*mod)
	for _, name := range strings.Fields(list) {
		dir := strings.TrimSuffix(strings.TrimSuffix(name, "go.mod"), "/")
		if !published(dir) || strings.Contains(name, "testdata/") {
			continue
		}
		data, err := os.ReadFile(filepath.Join(b.clone, name))
		if err != nil {
			return err
		}
		f, err := modfile.Parse(name, data, nil)
		if err != nil {
			return err
		}
		byPath[f.Module.Mod.Path] = &mod{f.Module.Mod.Path, dir, f}
	}
	paths := make([]string, 0, len(byPath))
	for path := range byPath {
		paths = append(paths, path)
	}
	sort.Strings(paths)
	done := make(map[string]bool)
	var visit func(path string)
	visit = func(path string) {
		m := byPath[path]
		if m == nil || done[path] {
			return
		}
		done[path] = true
		for _, r := range m.file.Require {
			visit(r.Mod.Path)
		}
		b.modules = append(b.modules, m)
	}
	for _, path := range paths {
		visit(path)
	}
	return nil
}

// pin makes m require its siblings at the version of the release, commits that,
// and adds m to the proxy, where the modules after it find it.
func (b *build) pin(m *mod) error {
	for _, r := range append([]*modfile.Replace(nil), m.file.Replace...) {
		if !ours(r.Old.Path) {
			return fmt.Errorf("replaces %s, which go install refuses", r.Old.Path)
		}
		if err := m.file.DropReplace(r.Old.Path, r.Old.Version); err != nil {
			return err
		}
	}
	pinned := false
	for _, r := range m.file.Require {
		if ours(r.Mod.Path) {
			if err := m.file.AddRequire(r.Mod.Path, b.version); err != nil {
				return err
			}
			pinned = true
		}
	}
	if pinned {
		m.file.Cleanup()
		data, err := m.file.Format()
		if err != nil {
			return err
		}
		dir := filepath.Join(b.clone, m.dir)
		if err := os.WriteFile(filepath.Join(dir, "go.mod"), data, 0o666); err != nil {
			return err
		}
		if _, err := output(dir, b.proxy.env(), "go", "mod", "tidy"); err != nil {
			return err
		}
		if err := b.commit("--message", "pin "+m.path); err != nil {
			return err
		}
	}
	return b.proxy.add(b, m)
}

// commit commits all that has changed, under a name that no host gives.
func (b *build) commit(args ...string) error {
	args = append([]string{"-c", "user.name=contextvars", "-c", "user.email=release@contextvars.invalid",
		"commit", "-q", "--all", "--allow-empty"}, args...)
	_, err := output(b.clone, nil, "git", args...)
	return err
}

// tags returns the tags of the release, separated by spaces.
func (b *build) tags() string {
	list := make([]string, len(b.modules))
	for i, m := range b.modules {
		list[i] = m.tag(b.version)
	}
	return strings.Join(list, " ")
}

// ours reports whether path is one of this repository's modules.
func ours(path string) bool { return path == root || strings.HasPrefix(path, root+"/") }

// output runs a command in dir with env added to the environment, and returns
// what it prints. The error has what it says on stderr.
func output(dir string, env []string, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "GOWORK=off"), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, &stderr)
	}
	return strings.TrimSpace(string(out)), nil
}
