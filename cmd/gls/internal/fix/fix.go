// Package fix applies a plan to source files.
package fix

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"

	"github.com/seed18162548/contextvars/cmd/gls/internal/load"
	"github.com/seed18162548/contextvars/cmd/gls/internal/modreq"
	"github.com/seed18162548/contextvars/cmd/gls/internal/plan"
	"github.com/seed18162548/contextvars/cmd/gls/internal/site"
)

// Options configures what to do with a plan.
type Options struct {
	Plan    plan.Options
	Diff    bool // show, write nothing
	RaiseGo bool // allow a higher go line
	Library modreq.Library
	Colours bool   // in what is shown
	Loaded  func() // called when all is loaded, before anything is printed; may be nil
	// Write replaces a file; nil is the real thing.
	Write func(name string, text []byte) error

	prepared map[string]*modreq.Change // by go.mod; nil where nothing must change
}

// Run makes and applies a plan for each of the loads, which are separate
// modules or one workspace. At the end of its output it prints a table. It
// reports whether everything was done that the policy asks for.
func Run(loads []*load.Config, o Options, stdout, stderr io.Writer) (ok bool, err error) {
	if o.Write == nil {
		o.Write = ReplaceFile
	}
	dir, err := os.MkdirTemp("", "gls-fix-")
	if err != nil {
		return false, err
	}
	defer os.RemoveAll(dir)
	o.prepared = map[string]*modreq.Change{}
	o.Plan.Supply = func(gomods []string) (string, error) { return o.supply(dir, gomods) }
	ok = true
	var sites []site.Site
	copies := 0
	for _, c := range loads {
		p, err := plan.Make(c, o.Plan)
		if err != nil {
			return false, err
		}
		if o.Loaded != nil {
			o.Loaded()
		}
		for _, problem := range p.Problems {
			fmt.Fprintf(stderr, "gls: %v\n", problem)
			ok = false
		}
		for _, warning := range p.Warnings {
			fmt.Fprintf(stderr, "gls: %s\n", warning)
		}
		copies += p.Copies
		done, err := o.apply(p, stdout, stderr)
		if err != nil {
			return false, err
		}
		ok = ok && done
		sites = append(sites, p.Sites...)
	}
	Table(stdout, sites)
	if copies > 0 {
		fmt.Fprintf(stdout, "%6d  bindings are to copies of memory that the server uses again\n", copies)
	}
	return ok, nil
}

// apply adds the requirements and then writes the files. It does not change a
// module whose go line would have to be raised without permission.
func (o *Options) apply(p *plan.Plan, stdout, stderr io.Writer) (ok bool, err error) {
	ok = true
	var mods []*modreq.Change
	modules := p.Modules()
	for _, gomod := range sortedKeys(modules) {
		c, err := o.prepare(gomod)
		if err != nil {
			return false, err
		}
		if c == nil {
			continue
		}
		if c.RaisedFrom != "" {
			fmt.Fprintf(stderr, "gls: warning: %s says go %s, but the library needs go 1.21\n", gomod, c.RaisedFrom)
			if !o.RaiseGo {
				fmt.Fprintf(stderr, "gls: nothing is written to this module: pass -raise-go to raise the line\n")
				p.Leave(gomod, "its module's go line would have to be raised (-raise-go)")
				ok = false
				continue
			}
		}
		mods = append(mods, c)
	}
	extra, err := raised(mods, p, stderr)
	if err != nil {
		return false, err
	}
	if o.Diff {
		for _, c := range mods {
			io.WriteString(stdout, o.difference(Shorten(c.GoMod), string(c.OldMod), string(c.Mod)))
			io.WriteString(stdout, o.difference(Shorten(c.GoSum), string(c.OldSum), string(c.Sum)))
		}
		for _, c := range append(extra, p.Changes...) {
			io.WriteString(stdout, o.difference(Shorten(c.Path), string(c.Old), string(c.New)))
		}
		return ok, nil
	}
	// The requirements come first, so that no source file imports the library
	// without them.
	for _, c := range mods {
		if err := o.Write(c.GoSum, c.Sum); err != nil {
			return false, err
		}
		if err := o.Write(c.GoMod, c.Mod); err != nil {
			return false, err
		}
	}
	for _, c := range append(extra, p.Changes...) {
		if err := o.Write(c.Path, c.New); err != nil {
			return false, err
		}
	}
	for _, gomod := range sortedKeys(modules) {
		if vendor := filepath.Join(filepath.Dir(gomod), "vendor"); lacks(vendor, p.Changes) {
			fmt.Fprintf(stderr, "gls: %s lacks packages that are imported now: run go mod vendor\n", Shorten(vendor))
		}
	}
	return ok, nil
}

// prepare returns the changes to a module, which are computed once.
func (o *Options) prepare(gomod string) (*modreq.Change, error) {
	gomod = filepath.Clean(gomod)
	if c, ok := o.prepared[gomod]; ok {
		return c, nil
	}
	c, err := o.Library.Prepare(gomod)
	if err == nil {
		o.prepared[gomod] = c
	}
	return c, err
}

// supply makes an overlay, in dir, in which modules require the library.
func (o *Options) supply(dir string, gomods []string) (string, error) {
	replace := map[string]string{}
	for i, gomod := range gomods {
		c, err := o.prepare(gomod)
		if err != nil {
			return "", err
		}
		if c == nil {
			continue
		}
		for name, text := range map[string][]byte{c.GoMod: c.Mod, c.GoSum: c.Sum} {
			file := filepath.Join(dir, fmt.Sprint(i, filepath.Ext(name)))
			if err := os.WriteFile(file, text, 0o666); err != nil {
				return "", err
			}
			replace[name] = file
		}
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	file := filepath.Join(dir, "overlay.json")
	return file, os.WriteFile(file, text, 0o666)
}

// lacks reports whether there is a vendor folder without a package that the
// changes import.
func lacks(vendor string, changes []plan.Change) bool {
	if _, err := os.Stat(filepath.Join(vendor, "modules.txt")); err != nil {
		return false
	}
	for _, c := range changes {
		for _, path := range c.Needs {
			if _, err := os.Stat(filepath.Join(vendor, filepath.FromSlash(path))); err != nil {
				return true
			}
		}
	}
	return false
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

// Shorten returns name relative to the current folder if it is inside.
func Shorten(name string) string {
	dir, err := filepath.Abs(".")
	if err != nil {
		return name
	}
	if rel, err := filepath.Rel(dir, name); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return name
}
