package main

import (
	"fmt"
	"io/fs"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

// own is the path under which the library is in the copy, where no path may
// begin with a host name.
const own = "contextvars"

// A tree is a copy of a release's tree with the library in it.
type tree struct {
	root    string // GOROOT
	version string // "go1.26.8"
}

// newTree copies the tree of a release, "local" for that of the go command.
func newTree(root, release string) (*tree, error) {
	goroot, err := command("GOTOOLCHAIN="+release, "go", "env", "GOROOT")
	if err != nil {
		return nil, err
	}
	version, err := command("GOTOOLCHAIN="+release, "go", "env", "GOVERSION")
	if err != nil {
		return nil, err
	}
	t := &tree{root, version}
	if err := os.MkdirAll(root, 0o777); err != nil {
		return nil, err
	}
	for _, name := range []string{"bin", "lib", "pkg", "misc", "doc", "api", "test"} {
		if _, err := os.Stat(filepath.Join(goroot, name)); err != nil {
			continue
		}
		if err := os.Symlink(filepath.Join(goroot, name), filepath.Join(root, name)); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{"VERSION", "go.env", "src"} {
		if err := copyAll(filepath.Join(goroot, name), filepath.Join(root, name), nil); err != nil {
			return nil, err
		}
	}
	return t, t.addLibrary()
}

// addLibrary puts the packages of the library, those that it needs, and
// errgroup with its tests into the tree.
func (t *tree) addLibrary() error {
	list, err := command("GOTOOLCHAIN="+t.version, "go", "list", "-deps", "-f",
		`{{if not .Standard}}{{.ImportPath}} {{.Dir}}{{end}}`,
		"./gls", "./spawn", "./gls/glshttp", "./gls/glssql", "./gls/glslog")
	if err != nil {
		return err
	}
	xsync, err := command("GOTOOLCHAIN="+t.version, "go", "list", "-m", "-f", "golang.org/x/sync/errgroup {{.Dir}}/errgroup", "golang.org/x/sync")
	if err != nil {
		return err
	}
	for _, line := range strings.Split(list+"\n"+xsync, "\n") {
		path, dir, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			continue
		}
		to := filepath.Join(t.root, "src", filepath.FromSlash(renamed(path)))
		entries, err := os.ReadDir(dir)
		if err != nil {
			return err
		}
		for _, e := range entries {
			name := e.Name()
			source := strings.HasSuffix(name, ".go") || strings.HasSuffix(name, ".s")
			if !source || strings.HasSuffix(name, "_test.go") && name != "errgroup_test.go" {
				continue
			}
			if err := copyAll(filepath.Join(dir, name), filepath.Join(to, name), renameImports); err != nil {
				return err
			}
		}
	}
	return nil
}

const module = "github.com/seed18162548/contextvars"

var foreign = regexp.MustCompile(`"(` + module + `|github\.com/petermattis/goid|golang\.org/x/sync)(/[\w/]+)?"`)

// renameImports makes the imports of source those of the tree.
func renameImports(source []byte) []byte {
	return foreign.ReplaceAllFunc(source, func(path []byte) []byte {
		return []byte(`"` + renamed(strings.Trim(string(path), `"`)) + `"`)
	})
}

// renamed returns the path that the package path has in the tree.
func renamed(path string) string {
	for prefix, name := range map[string]string{
		module:                        own,
		"github.com/petermattis/goid": own + "/goid",
		"golang.org/x/sync":           own + "/xsync",
	} {
		if path == prefix || strings.HasPrefix(path, prefix+"/") {
			return name + strings.TrimPrefix(path, prefix)
		}
	}
	return path
}

// edit replaces old, which must be there, in a file of the tree. The file as it
// was comes back with undo.
func (t *tree) edit(name string, edits []edit) (undo func() error, err error) {
	file := filepath.Join(t.root, "src", filepath.FromSlash(name))
	before, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	text := string(before)
	for _, e := range edits {
		if t.minor() < e.since {
			continue
		}
		after := e.old.ReplaceAllString(text, e.new)
		if after == text {
			return nil, fmt.Errorf("%s of %s has no %s", name, t.version, e.old)
		}
		text = after
	}
	return func() error { return os.WriteFile(file, before, 0o666) }, os.WriteFile(file, []byte(text), 0o666)
}

// add writes a new file of the tree.
func (t *tree) add(name, text string) (undo func() error, err error) {
	file := filepath.Join(t.root, "src", filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
		return nil, err
	}
	return func() error { return os.Remove(file) }, os.WriteFile(file, []byte(text), 0o666)
}

// minor returns 26 for "go1.26.8".
func (t *tree) minor() (n int) {
	if _, err := fmt.Sscanf(t.version, "go1.%d", &n); err != nil {
		return math.MaxInt // a version of the development tree: it has everything
	}
	return n
}

// goCommand returns the path of the go command of t. By its name alone it would
// be that of this process, whatever the environment for it says.
func (t *tree) goCommand() string { return filepath.Join(t.root, "bin", "go") }

// env returns the environment for a go command that works on t.
func (t *tree) env() []string {
	return append(os.Environ(), "GOROOT="+t.root, "GOTOOLCHAIN=local", "GOWORK=off", "GOFLAGS=",
		"PATH="+filepath.Join(t.root, "bin")+string(filepath.ListSeparator)+os.Getenv("PATH"))
}

// copyAll copies a file or a folder, through change if that is not nil.
func copyAll(from, to string, change func([]byte) []byte) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(target, 0o777)
		}
		if err := os.MkdirAll(filepath.Dir(target), 0o777); err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if change != nil {
			data = change(data)
		}
		return os.WriteFile(target, data, info.Mode().Perm()|0o200)
	})
}

// command runs a command in the root of the module, with one variable set.
func command(env, name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), env)
	out, err := cmd.Output()
	if err != nil {
		return "", fmt.Errorf("%s %s: %w", name, strings.Join(args, " "), err)
	}
	return strings.TrimSpace(string(out)), nil
}
