package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"

	"github.com/seed18162548/contextvars/cmd/gls/internal/doctor"
	"github.com/seed18162548/contextvars/cmd/gls/internal/overlay"
)

const aboutDoctor = `usage: gls doctor
       gls doctor packages
       gls doctor -run test|run [go flags and arguments]

Doctor shows what the library found out here. With packages, which stands for
-run test, or with -run, it runs the tests or the program through an overlay in
which every go statement remembers the bindings of the goroutine that executes
it, without handing them on, and lists the statements because of which a read
found nothing, with the variable and how often. -o FILE writes that list to a
file; -lib DIR takes the library from there.`

func diagnose(args []string) error {
	if len(args) == 0 {
		gomod, err := moduleFile()
		if err != nil {
			gomod = ""
		}
		doctor.Describe(os.Stdout, gomod)
		return nil
	}
	var (
		c    choices
		file string
		run  bool
		fs   = flag.NewFlagSet("gls doctor", flag.ContinueOnError)
	)
	fs.StringVar(&c.lib, "lib", "", "take the library from `DIR` where the requirement is missing")
	fs.StringVar(&file, "o", "", "write the list to `FILE`")
	fs.BoolVar(&run, "run", false, "run go test or go run with what follows")
	if err := parse(fs, args, aboutDoctor); err != nil {
		return err
	}
	command, rest := "test", fs.Args()
	if run {
		if len(rest) == 0 || rest[0] != "test" && rest[0] != "run" {
			return fmt.Errorf("doctor -run: want test or run, and the arguments of go test or go run")
		}
		command, rest = rest[0], rest[1:]
	}
	a, err := overlay.Parse(command, rest, flag.NewFlagSet("", flag.ContinueOnError))
	if err != nil {
		return err
	}
	if a.Chdir != "" {
		if err := os.Chdir(a.Chdir); err != nil {
			return err
		}
	}
	return examine(a, c, file)
}

// examine runs the go command and prints what was lost, whatever its end.
func examine(a *overlay.Args, c choices, file string) error {
	cwd, err := os.Getwd()
	if err != nil {
		return err
	}
	o := overlay.Options{Args: a, Plan: doctor.Plan(cwd), Key: []any{"doctor", cwd}, Quiet: true}
	if o.Library, err = c.library(); err != nil {
		return err
	}
	name, err := overlay.Make(o, os.Stderr)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "gls-doctor-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	// An interrupt is for the program; this one goes on to the results. It is
	// caught and not ignored, which the program would inherit.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	cmd := exec.Command("go", a.With(name)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), "GLS_DOCTOR_DIR="+dir)
	status := wait(cmd)

	losses, err := doctor.ReadLosses(dir)
	if err != nil {
		return err
	}
	out := os.Stderr
	if file != "" {
		if out, err = os.Create(file); err != nil {
			return err
		}
		defer out.Close()
	}
	doctor.WriteLosses(out, losses)
	return status
}
