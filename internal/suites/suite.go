package main

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"sort"
	"strings"
)

// A suite is a package of the Go tree whose tests run against the library.
type suite struct {
	name    string
	pkg     string // in the tree
	tests   string // a pattern of the tests that concern the library; all if ""
	long    bool   // takes minutes
	hook    hook
	configs []config
}

// A hook is the place in a package through which its tests reach the library.
type hook struct {
	file  string
	edits []edit
}

// An edit replaces what old matches with new.
type edit struct {
	old   *regexp.Regexp
	new   string
	since int // edits of releases before Go 1.since are left out
}

// A config is one way to put the library behind the hook.
type config struct {
	name    string
	files   map[string][]edit // test files that call the library themselves
	init    string            // the body of the init function of an added test file
	imports []string          // the library's packages that init uses, and others as "std/io"

	declarations string // of the file of init

	// like is the init of a plain program that does to requests what init
	// does. A test that fails with it too differs by design, for likeReason.
	like        string
	likeImports []string
	likeReason  string

	// differs has the tests that do not pass, by design, each with the reason.
	differs map[string]string
}

func replace(old, new string) edit { return edit{old: regexp.MustCompile(old), new: new} }

// from returns e for the release Go 1.minor and those after it.
func (e edit) from(minor int) edit {
	e.since = minor
	return e
}

// importing adds an import to a test file.
func importing(path string) edit {
	return replace(`(?m)^import \(`, "import (\n\t\""+own+"/"+path+"\"")
}

// run runs the tests of s as they are, and with each config.
func (s suite) run(t *tree, short bool) (rows []row, err error) {
	plain, _, err := t.test(s, nil, short)
	if err != nil {
		return nil, err
	}
	if s.hook.file != "" {
		undo, err := t.edit(s.hook.file, s.hook.edits)
		if err != nil {
			return nil, err
		}
		defer func() { err = errors.Join(err, undo()) }()
	}
	for _, c := range s.configs {
		if c.like != "" {
			got, _, err := c.plain().test(t, s, short)
			if err != nil {
				return nil, err
			}
			c.differ(plain, got)
		}
		got, said, err := c.test(t, s, short)
		if err != nil {
			return nil, err
		}
		rows = append(rows, compare(s, c, plain, got, said))
	}
	return rows, nil
}

// plain returns the config of the plain program that c is like.
func (c config) plain() config {
	return config{name: c.name, init: c.like, imports: c.likeImports, files: c.files, declarations: c.declarations}
}

// differ records the tests that fail with the plain program.
func (c *config) differ(plain, got results) {
	all := make(map[string]string)
	for test, reason := range c.differs {
		all[test] = reason
	}
	for test, result := range plain {
		if result == "pass" && got[test] != "pass" {
			all[test] = c.likeReason
		}
	}
	c.differs = all
}

// test runs the tests of s with c, and then restores t.
func (c config) test(t *tree, s suite, short bool) (got results, said string, err error) {
	undo, err := c.apply(t, s)
	if err != nil {
		return nil, "", err
	}
	defer func() {
		for _, f := range undo {
			err = errors.Join(err, f())
		}
	}()
	got, said, err = t.test(s, c.skip(), short)
	if err != nil {
		return nil, "", err
	}
	return t.again(s, short, got, said)
}

// apply edits the tests of s for c.
func (c config) apply(t *tree, s suite) (undo []func() error, err error) {
	for file, edits := range c.files {
		f, err := t.edit(path.Join(s.pkg, file), edits)
		if err != nil {
			return nil, err
		}
		undo = append(undo, f)
	}
	if c.init == "" {
		return undo, nil
	}
	var text strings.Builder
	fmt.Fprintf(&text, "package %s_test\n\nimport (\n\t%q\n", path.Base(s.pkg), strings.TrimSuffix(s.hook.pkg(), "/"))
	for _, p := range c.imports {
		if strings.HasPrefix(p, "std/") {
			fmt.Fprintf(&text, "\t%q\n", strings.TrimPrefix(p, "std/"))
		} else {
			fmt.Fprintf(&text, "\t%q\n", own+"/"+p)
		}
	}
	fmt.Fprintf(&text, ")\n\nfunc init() {\n%s\n}\n%s", c.init, c.declarations)
	f, err := t.add(path.Join(s.pkg, "contextvars_hook_test.go"), text.String())
	return append(undo, f), err
}

// skip returns the tests that differ. They do not run: some would end the
// process, and with it the tests after them.
func (c config) skip() (list []string) {
	for test := range c.differs {
		list = append(list, test)
	}
	sort.Strings(list)
	return list
}

// pkg returns the package that has the hook.
func (h hook) pkg() string { return path.Dir(h.file) }
