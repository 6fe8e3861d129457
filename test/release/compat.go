package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/exp/apidiff"
	"golang.org/x/mod/semver"
	"golang.org/x/tools/go/packages"
)

// compatible compares what each module exports with its last release. A patch
// may take nothing away, nor may a minor version from v1 on.
func compatible(b *build, scratch string) error {
	checkout, err := output(b.clone, nil, "git", "remote", "get-url", "origin")
	if err != nil {
		return err
	}
	list, err := output(checkout, nil, "git", "tag", "--list", "v*")
	if err != nil {
		return err
	}
	last := lastBefore(strings.Fields(list), b.version)
	if last == "" {
		fmt.Println("no earlier release to be compatible with")
		return nil
	}
	old := filepath.Join(scratch, "last")
	if _, err := output("", nil, "git", "clone", "-q", "--branch", last, checkout, old); err != nil {
		return err
	}
	for _, m := range b.modules {
		if _, err := os.Stat(filepath.Join(old, m.dir, "go.mod")); err != nil {
			continue // it is new
		}
		incompatible, err := removed(m.path, filepath.Join(old, m.dir), filepath.Join(b.clone, m.dir), b.proxy.env())
		if err != nil {
			return err
		}
		for _, change := range incompatible {
			fmt.Printf("%s since %s: %s\n", m.path, last, change)
		}
		if len(incompatible) > 0 && !mayBreak(last, b.version) {
			return fmt.Errorf("%s is not compatible with %s of %s", b.version, last, m.path)
		}
	}
	return nil
}

// lastBefore returns the highest of tags that is lower than version, or "".
func lastBefore(tags []string, version string) (last string) {
	for _, tag := range tags {
		if semver.IsValid(tag) && semver.Compare(tag, version) < 0 && (last == "" || semver.Compare(last, tag) < 0) {
			last = tag
		}
	}
	return last
}

// mayBreak reports whether new may be incompatible with old: the major version
// differs, or, before v1, the minor one.
func mayBreak(old, new string) bool {
	if semver.Major(old) != semver.Major(new) {
		return true
	}
	return semver.Major(new) == "v0" && semver.MajorMinor(old) != semver.MajorMinor(new)
}

// removed returns what the module in folder new no longer has, or has
// otherwise, of what it had in folder old.
func removed(path, old, new string, env []string) ([]string, error) {
	before, err := exported(path, old, env)
	if err != nil {
		return nil, err
	}
	after, err := exported(path, new, env)
	if err != nil {
		return nil, err
	}
	var list []string
	for _, change := range apidiff.ModuleChanges(before, after).Changes {
		if !change.Compatible {
			list = append(list, change.Message)
		}
	}
	return list, nil
}

// exported loads the packages of the module in dir that others can import.
func exported(path, dir string, env []string) (*apidiff.Module, error) {
	list, err := packages.Load(&packages.Config{
		Mode: packages.NeedName | packages.NeedTypes | packages.NeedImports | packages.NeedDeps,
		Dir:  dir,
		Env:  append(append(os.Environ(), "GOWORK=off"), env...),
	}, "./...")
	if err != nil {
		return nil, err
	}
	m := &apidiff.Module{Path: path}
	for _, p := range list {
		if len(p.Errors) > 0 {
			return nil, p.Errors[0]
		}
		if p.Name != "main" && !strings.Contains(p.PkgPath+"/", "/internal/") {
			m.Packages = append(m.Packages, p.Types)
		}
	}
	return m, nil
}
