package main

import (
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"

	"github.com/seed18162548/contextvars/cmd/gls/internal/doctor"
	"github.com/seed18162548/contextvars/cmd/gls/internal/handoff"
	"github.com/seed18162548/contextvars/cmd/gls/internal/overlay"
	"github.com/seed18162548/contextvars/cmd/gls/internal/site"
)

const aboutDoctor = `usage: gls doctor
       gls doctor packages
       gls doctor -run test|run [go flags and arguments]

Doctor shows what the library found out here. With packages, which stands for
-run test, or with -run, it runs the tests or the program through an overlay in
which every go statement, and every function that is handed to another goroutine,
remembers the bindings of its starter, without handing them on. It lists the
statements because of which a read found nothing, with the variable, how often,
and what gls vet says of the statement; then the reads that it cannot attribute,
by who created their goroutines. It builds with the tag gls_doctor, with which the
library tells of every read, also those of adapters. -o FILE writes the lists to a
file; -lib DIR takes the library from there; -takers LIST is as for
gls fix, and -deps LIST as for gls build.`

func doctorCommand(args []string) error {
	if len(args) == 0 {
		gomod, err := moduleFile()
		if err != nil {
			gomod = ""
		}
		doctor.Describe(os.Stdout, gomod)
		return nil
	}
	var (
		c    sharedFlags
		file string
		run  bool
		fs   = newFlagSet("doctor")
	)
	fs.StringVar(&c.lib, "lib", "", "take the library from `DIR` where the requirement is missing")
	fs.StringVar(&c.takers, "takers", "", "further functions that call their argument elsewhere, as `LIST` example.com/pool.Submit:0,…")
	c.registerDeps(fs)
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
func examine(a *overlay.Args, c sharedFlags, file string) error {
	cwd, err := os.Getwd()
	if err != nil {
		return err
	}
	takers, err := handoff.Parse(c.takers)
	if err != nil {
		return err
	}
	env, err := goEnv("GOFLAGS", "GOMODCACHE")
	if err != nil {
		return err
	}
	a.AddTag(doctor.Tag, env[0])
	o := overlay.Options{
		Args: a, Plan: doctor.Plan(cwd, takers), Key: []any{"doctor", cwd, c.takers}, Quiet: true, Deps: c.depList(),
		Name: func(s site.Site) string { return doctor.Name(cwd, s) },
	}
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
	dir, err := os.MkdirTemp("", "gls-doctor-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	// An interrupt is for the program; this process goes on to print the
	// results. It catches the signal, because the program would inherit an
	// ignored one.
	signal.Notify(make(chan os.Signal, 1), os.Interrupt)
	cmd := exec.Command("go", a.With(made.File)...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.Env = append(os.Environ(), "GLS_DOCTOR_DIR="+dir)
	status := wait(cmd)

	reads, err := doctor.Read(dir)
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
	reads.Write(out, made.Verdicts, env[1])
	return status
}
