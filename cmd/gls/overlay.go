package main

import (
	"fmt"
	"os"

	"github.com/seed18162548/contextvars/cmd/gls/internal/overlay"
	"github.com/seed18162548/contextvars/cmd/gls/internal/rewrite"
)

const aboutOverlay = `usage: gls %[1]s [flags] [go %[1]s flags and arguments]

It runs go %[1]s on the program as gls fix would write it, without a change to any
source file, nor to go.mod. Line numbers in stack traces stay as they are. The
main module, the modules of a workspace, those that a folder replaces and
vendored ones take part; what comes from the module cache does if -deps names its
module: then a copy, which is verified, takes its place. All flags of the go
command pass through, its own -overlay is merged, and its -modfile extended.`

// overlayCommand returns the command that runs the go command with that name.
func overlayCommand(command string) func([]string) error {
	return func(args []string) error {
		var c sharedFlags
		fs := newFlagSet(command)
		c.register(fs)
		c.registerDeps(fs)
		if len(args) > 0 && isHelp(args[0]) {
			return parse(fs, args[:1], fmt.Sprintf(aboutOverlay, command))
		}
		a, err := overlay.Parse(command, args, fs)
		if err != nil {
			return err
		}
		if a.Chdir != "" {
			if err := os.Chdir(a.Chdir); err != nil {
				return err
			}
		}
		o := overlay.Options{Args: a, Key: c.key(), Deps: c.depList()}
		if o.Plan, err = c.plan(); err != nil {
			return err
		}
		o.Plan.Layout, o.Plan.AllEditable = rewrite.SameLines, true
		if o.Library, err = c.library(); err != nil {
			return err
		}
		m := startMeter()
		o.Progress, o.Loaded = m.report, m.stop
		made, err := overlay.Make(o, os.Stderr)
		m.stop()
		if err != nil {
			return err
		}
		return goCommand(a.With(made.File)...)
	}
}
