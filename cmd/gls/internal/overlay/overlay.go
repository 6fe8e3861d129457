// Package overlay builds with rewritten copies of source files.
//
// The rewritten files are in a cache, under names derived from their contents,
// and are passed to the go command with -overlay. It hashes their contents like
// those of any source file, so its build cache stays correct.
package overlay

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
	"github.com/seed18162548/contextvars/cmd/gls/internal/load"
	"github.com/seed18162548/contextvars/cmd/gls/internal/modreq"
	"github.com/seed18162548/contextvars/cmd/gls/internal/plan"
	"github.com/seed18162548/contextvars/cmd/gls/internal/site"
)

// Options configures Make.
type Options struct {
	Args    *Args
	Plan    plan.Options
	Library modreq.Library
	Deps    []string // modules of the module cache that take part
	Key     []any    // other values that a plan depends on
	Quiet   bool     // do not print how many statements are rewritten
	// Name, if not nil, returns a name for a place, for Result.Verdicts.
	Name func(site.Site) string
	// Progress, if not nil, is called while loading, and Loaded when that is
	// done.
	Progress func(done, total int)
	Loaded   func()
	Cache    string // folder; "" is in the user's cache folder
}

// A state is the cached result of a plan, and what is needed to find out
// whether it is still valid.
type state struct {
	Roots       []string // folders that were read
	Extra       []string // and files
	Fingerprint string
	Overlay     string   // the file for the go command; "" if nothing is rewritten
	Notes       []string // told once
	Problems    []string // told every time
	Verdicts    map[string]string
}

// A Result is the result of Make.
type Result struct {
	File string // the overlay; "" if nothing is rewritten
	// Verdicts has the verdict of the policy for each place, by the name that
	// Options.Name returns.
	Verdicts map[string]string
}

// Make makes the overlay file for the go command. It prints messages to stderr:
// every time, which packages are not rewritten although they may lose bindings;
// the others only if something has changed since the last time.
func Make(o Options, stderr io.Writer) (r Result, err error) {
	if o.Cache == "" {
		dir, err := os.UserCacheDir()
		if err != nil {
			return r, err
		}
		o.Cache = filepath.Join(dir, "gls")
	}
	env, err := environment()
	if err != nil {
		return r, err
	}
	exe, err := self()
	if err != nil {
		return r, err
	}
	user, err := userOverlay(o.Args.Overlay, env["GOFLAGS"])
	if err != nil {
		return r, err
	}
	cwd, err := os.Getwd()
	if err != nil {
		return r, err
	}
	home := cwd // plans are per module or workspace, not per folder
	if root := env["GOWORK"]; root != "" && root != "off" {
		home = filepath.Dir(root)
	} else if root := env["GOMOD"]; root != "" && root != os.DevNull {
		home = filepath.Dir(root)
	}
	key := digest(exe, env, user, o.Args.ListFlags(), home, o.Library, o.Deps, o.Key)
	name := filepath.Join(o.Cache, "plans", key+".json")
	if st, ok := readState(name); ok {
		now, err := fingerprint(st.Roots, st.Extra)
		if err == nil && now == st.Fingerprint {
			tell(stderr, st.Problems)
			return Result{st.Overlay, st.Verdicts}, nil
		}
	}
	m := maker{Options: o, env: env, user: user, home: home, stderr: stderr}
	st, err := m.make()
	if err != nil {
		return r, err
	}
	tell(stderr, st.Problems)
	tell(stderr, st.Notes)
	data, err := json.Marshal(st)
	if err != nil {
		return r, err
	}
	return Result{st.Overlay, st.Verdicts}, Keep(name, data)
}

func tell(stderr io.Writer, lines []string) {
	for _, l := range lines {
		fmt.Fprintf(stderr, "gls: %s\n", l)
	}
}

func readState(name string) (st state, ok bool) {
	data, err := os.ReadFile(name)
	if err != nil || json.Unmarshal(data, &st) != nil {
		return st, false
	}
	if st.Overlay != "" {
		if _, err := os.Stat(st.Overlay); err != nil {
			return st, false
		}
	}
	return st, true
}

// A maker makes one overlay.
type maker struct {
	Options
	env    map[string]string
	user   map[string]string
	home   string
	stderr io.Writer

	replace map[string]string // the replacements for the go command
	st      state
}

func (m *maker) make() (*state, error) {
	mains, err := mainModules(m.home, m.Args.ListFlags())
	if err != nil {
		return nil, err
	}
	c := &load.Config{Dir: m.home, Flags: m.listFlags(), Patterns: patterns(mains), Replace: m.user, Progress: m.Progress}

	// The fingerprint is taken before the files are read, so that an edit in
	// between is noticed next time.
	for _, mod := range mains {
		m.st.Roots = append(m.st.Roots, mod.Dir)
		m.st.Roots = append(m.st.Roots, replacements(mod)...)
	}
	sort.Strings(m.st.Roots)
	for _, actual := range m.user {
		if actual != "" {
			m.st.Extra = append(m.st.Extra, actual)
		}
	}
	if w := m.env["GOWORK"]; w != "" && w != "off" {
		m.st.Extra = append(m.st.Extra, w)
	}
	if name := m.modfile(); name != "" {
		name = absolute(name)
		m.st.Extra = append(m.st.Extra, name, strings.TrimSuffix(name, ".mod")+".sum")
	}
	if m.st.Fingerprint, err = fingerprint(m.st.Roots, m.st.Extra); err != nil {
		return nil, err
	}
	m.replace = map[string]string{}
	m.Plan.Supply = m.early
	if len(m.Deps) > 0 {
		if err := m.deps(mains); err != nil {
			return nil, err
		}
		if len(m.replace) > 0 {
			file, err := m.overlay()
			if err != nil {
				return nil, err
			}
			c = c.Under(file)
		}
	}
	p, err := plan.Make(c, m.Plan)
	if err != nil {
		return nil, err
	}
	if m.Loaded != nil {
		m.Loaded()
	}
	m.report(p)
	if m.Name != nil {
		m.st.Verdicts = map[string]string{}
		for _, s := range p.Sites {
			m.st.Verdicts[m.Name(s)] = s.Verdict()
		}
	}
	if len(p.Changes) == 0 {
		if len(m.user)+len(m.replace) > 0 {
			m.st.Overlay, err = m.overlay()
		}
		return &m.st, err
	}
	for _, ch := range p.Changes {
		if m.replace[ch.Path], err = m.store(ch.New, ".go"); err != nil {
			return nil, err
		}
	}
	if err := m.supply(mains, p); err != nil {
		return nil, err
	}
	m.st.Overlay, err = m.overlay()
	return &m.st, err
}

// overlay writes the file for the go command, with the user's replacements and
// the new ones, which are based on them. It returns the name of the file.
func (m *maker) overlay() (string, error) {
	all := map[string]string{}
	for k, v := range m.user {
		all[k] = v
	}
	for k, v := range m.replace {
		all[k] = v
	}
	data, err := json.MarshalIndent(map[string]any{"Replace": all}, "", "\t")
	if err != nil {
		return "", err
	}
	return m.store(data, ".json")
}

// store writes data to the cache under a name derived from it.
func (m *maker) store(data []byte, suffix string) (string, error) {
	name := filepath.Join(m.Cache, "files", digest(string(data))+suffix)
	if _, err := os.Stat(name); err == nil {
		return name, nil
	}
	return name, Keep(name, data)
}

// Keep writes a file in one step, so that nobody reads half of it.
func Keep(name string, data []byte) error {
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(name), ".tmp-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name()) // fails after the rename
	_, err = tmp.Write(data)
	if e := tmp.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = os.Rename(tmp.Name(), name)
	}
	return err
}

// patterns returns the patterns of all packages of modules.
func patterns(mains []*load.Module) (list []string) {
	for _, mod := range mains {
		list = append(list, filepath.ToSlash(filepath.Join(mod.Dir, "...")))
	}
	return list
}

// report adds messages about what was done and what was not.
func (m *maker) report(p *plan.Plan) {
	for _, problem := range p.Problems {
		m.st.Problems = append(m.st.Problems, problem.Error())
	}
	m.st.Problems = append(m.st.Problems, p.Warnings...)
	if m.Quiet {
		return
	}
	note := func(format string, args ...any) { m.st.Notes = append(m.st.Notes, fmt.Sprintf(format, args...)) }
	becomes := 0
	for _, s := range p.Sites {
		if s.Becomes != "" {
			becomes++
		}
		if s.Invalid != "" {
			note("%s:%d: %s", s.File, s.Line, s.Invalid)
		}
	}
	note("%d of %d go statements and callbacks are rewritten in this build; %d stay as they are (gls vet -report FILE.html shows why)",
		becomes, len(p.Sites), len(p.Sites)-becomes)
	if p.Copies > 0 {
		note("%d bindings are to copies of memory that the server uses again (gls vet shows them)", p.Copies)
	}
	if n := len(p.Cached); n > 0 {
		list := strings.Join(p.Cached, ", ")
		if n > 4 {
			list = strings.Join(p.Cached[:4], ", ") + fmt.Sprintf(" and %d more", n-4)
		}
		note("not reached, as they come from the module cache: %s (-deps MODULE,… has copies of them rewritten)", list)
	}
}

// needs returns the packages of the library that the rewritten files import.
func (m *maker) needs(p *plan.Plan) []string {
	set := map[string]bool{}
	for _, c := range p.Changes {
		for _, path := range c.Needs {
			set[path] = true
		}
	}
	set[glsapi.Spawn] = true
	var list []string
	for path := range set {
		list = append(list, path)
	}
	sort.Strings(list)
	return list
}
