// Release makes the commit and the tags of a release, and rehearses what users
// will do with it.
//
//	go run . -version v0.1.0           # rehearse, change nothing
//	go run . -version v0.1.0 -publish  # and put commit and tags into the checkout
//
// All modules of a release share a version. In the checkout a module finds its
// siblings by replace; in a release it requires them at that version, because
// go install refuses a module with a replace, and go get ignores it. The commit
// of a release therefore differs from the one that it is made from, and no
// branch has it: only the tags do.
//
// Everything is built in a clone. The modules are packed as the module proxy
// packs them, into a file system proxy that stands in front of the usual one.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/mod/semver"
)

func main() {
	version := flag.String("version", "", "the release, as v0.1.0")
	publish := flag.Bool("publish", false, "put the commit and its tags into the checkout; push them yourself")
	releases := flag.String("releases", "", "Go releases to test with, separated by spaces; a module is tried with the one of its go line")
	flag.Parse()
	if semver.Canonical(*version) != *version {
		fmt.Fprintf(os.Stderr, "release: -version %q is no version such as v0.1.0\n", *version)
		os.Exit(2)
	}
	if err := run(*version, *releases, *publish); err != nil {
		fmt.Fprintln(os.Stderr, "release:", err)
		os.Exit(1)
	}
}

func run(version, releases string, publish bool) error {
	checkout, err := output("", nil, "git", "rev-parse", "--show-toplevel")
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "release")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch)

	b := &build{version: version, clone: filepath.Join(scratch, "clone"), proxy: proxy{dir: filepath.Join(scratch, "proxy")}}
	if err := b.make(checkout); err != nil {
		return err
	}
	if err := compatible(b, scratch); err != nil {
		return err
	}
	r := rehearsal{build: b, scratch: scratch, toolchains: toolchains(releases)}
	if err := r.all(); err != nil {
		return err
	}
	if !publish {
		return nil
	}
	if _, err := output(checkout, nil, "git", "fetch", "-q", b.clone, "refs/tags/*:refs/tags/*"); err != nil {
		return err
	}
	fmt.Printf("tagged. Publish with: git push origin %s\n", b.tags())
	return nil
}
