package main

import (
	"os"
	"path/filepath"

	"github.com/seed18162548/contextvars/cmd/gls/internal/fix"
)

const aboutFix = `usage: gls fix [flags] [packages]

Fix rewrites the go statements and callbacks of the packages, ./... by default,
so that they hand the bindings of their caller on, where the policy says so. The
function and the arguments are evaluated where and when they were before. It ends
with a table of what became what, and what is left and why. Generated and
vendored files are left alone. A second run changes nothing.`

func fixCommand(args []string) error {
	var (
		c  sharedFlags
		o  fix.Options
		fs = newFlagSet("fix")
	)
	c.register(fs)
	fs.BoolVar(&o.Diff, "diff", false, "show the changes and write nothing")
	fs.BoolVar(&o.RaiseGo, "raise-go", false, "raise go lines below 1.21, which the library needs")
	tags := fs.String("tags", "", "build tags")
	if err := parse(fs, args, aboutFix); err != nil {
		return err
	}
	var err error
	if o.Plan, err = c.plan(); err != nil {
		return err
	}
	if o.Library, err = c.library(); err != nil {
		return err
	}
	var flags []string
	if *tags != "" {
		flags = append(flags, "-tags="+*tags)
	}
	o.Colours = colours(os.Stdout)
	m := startMeter()
	defer m.stop()
	o.Loaded = m.stop
	configs, err := loadConfigs(fs.Args(), flags, m)
	if err != nil {
		return err
	}
	ok, err := fix.Run(configs, o, os.Stdout, os.Stderr)
	if err != nil {
		return err
	}
	if !ok {
		return exit(1)
	}
	return nil
}

const aboutRequire = `usage: gls require [flags]

Require adds the requirement on the library to the go.mod of this module, and a
package internal/glsrequire that imports it, so that go mod vendor copies it.`

func requireCommand(args []string) error {
	fs := newFlagSet("require")
	var c sharedFlags
	fs.StringVar(&c.lib, "lib", "", "take the library from `DIR`")
	raise := fs.Bool("raise-go", false, "raise a go line below 1.21, which the library needs")
	if err := parse(fs, args, aboutRequire); err != nil {
		return err
	}
	lib, err := c.library()
	if err != nil {
		return err
	}
	gomod, err := moduleFile()
	if err != nil {
		return err
	}
	return fix.Require(lib, gomod, *raise, filepath.Join(filepath.Dir(gomod), "internal", "glsrequire", "glsrequire.go"))
}
