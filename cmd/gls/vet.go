package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/modfile"

	"github.com/seed18162548/contextvars/cmd/gls/internal/plan"
	"github.com/seed18162548/contextvars/cmd/gls/internal/report"
	"github.com/seed18162548/contextvars/cmd/gls/internal/site"
)

const aboutVet = `usage: gls vet [flags] [go vet flags] [packages]
       gls vet -report FILE.html [flags] [packages]

Vet runs go vet with the analyzers rawgo, callback, lifetime, token, tokenscope,
newvar and subtest; -rawgo, -rawgo.policy and so on are their flags, and -policy,
-detach, -takers, -handlers and -tests set those of all. Before that it looks at
the whole program, so that it says what gls fix would do. With -report it writes
a page that lists every statement with its source, the proposed class and the
reason.`

func vetCommand(args []string) error {
	var (
		c    sharedFlags
		file string
		fs   = newFlagSet("vet")
		rest []string
	)
	c.register(fs)
	fs.StringVar(&file, "report", "", "write an HTML page to `FILE`")
	tags := fs.String("tags", "", "build tags")
	if len(args) > 0 && isHelp(args[0]) {
		return parse(fs, args[:1], aboutVet)
	}
	// Flags of go vet may be among the flags of gls.
	for len(args) > 0 {
		name, _, hasValue := strings.Cut(strings.TrimLeft(args[0], "-"), "=")
		f := fs.Lookup(name)
		if !strings.HasPrefix(args[0], "-") || f == nil {
			rest, args = append(rest, args[0]), args[1:]
			continue
		}
		n := 1
		if b, ok := f.Value.(interface{ IsBoolFlag() bool }); !hasValue && !(ok && b.IsBoolFlag()) {
			n = min(2, len(args))
		}
		if err := parse(fs, args[:n], aboutVet); err != nil {
			return err
		}
		args = args[n:]
	}
	var flags []string
	if *tags != "" {
		flags = append(flags, "-tags="+*tags)
	}
	if file != "" {
		return writeReport(file, c, rest, flags)
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	judged, err := c.verdicts(flags)
	if err != nil {
		fmt.Fprintf(os.Stderr, "gls: packages are looked at one by one: %v\n", err)
	}
	flags = append([]string{"vet", "-vettool=" + self}, flags...)
	flags = append(flags,
		"-rawgo.policy="+c.policy, "-callback.policy="+c.policy, fmt.Sprintf("-rawgo.detach=%t", c.detach),
		fmt.Sprintf("-rawgo.tests=%t", c.tests), fmt.Sprintf("-callback.tests=%t", c.tests), fmt.Sprintf("-lifetime.tests=%t", c.tests))
	if c.takers != "" {
		flags = append(flags, "-callback.takers="+c.takers)
	}
	for _, name := range []string{"rawgo", "callback", "lifetime"} {
		if c.handlers != "" {
			flags = append(flags, "-"+name+".handlers="+c.handlers)
		}
		if judged != "" {
			flags = append(flags, "-"+name+".verdicts="+judged)
		}
	}
	return goCommand(append(flags, rest...)...)
}

// writeReport writes the page.
func writeReport(file string, c sharedFlags, patterns, flags []string) error {
	o, err := c.plan()
	if err != nil {
		return err
	}
	m := startMeter()
	defer m.stop()
	configs, err := loadConfigs(patterns, flags, m)
	if err != nil {
		return err
	}
	var (
		sites    []site.Site
		problems []error
	)
	for _, config := range configs {
		p, err := plan.Make(config, o)
		if err != nil {
			return err
		}
		sites, problems = append(sites, p.Sites...), append(problems, p.Problems...)
	}
	m.stop()
	page, err := report.Page(sites, report.Info{
		Project: project(), Policy: string(o.Policy), Release: release(), Date: time.Now(), Problems: problems,
	})
	if err != nil {
		return err
	}
	if err := os.WriteFile(file, page, 0o666); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "gls: %s lists %d statements\n", file, len(sites))
	return nil
}

// project returns the path of this module, or the name of this folder.
func project() string {
	if name, err := moduleFile(); err == nil {
		if data, err := os.ReadFile(name); err == nil {
			if path := modfile.ModulePath(data); path != "" {
				return path
			}
		}
	}
	dir, err := os.Getwd()
	if err != nil {
		return "this folder"
	}
	return filepath.Base(dir)
}

// moduleFile returns the path of this module's go.mod.
func moduleFile() (string, error) {
	env, err := goEnv("GOMOD")
	if err != nil {
		return "", err
	}
	name := env[0]
	if name == "" || name == os.DevNull {
		return "", fmt.Errorf("there is no go.mod here or above")
	}
	return name, nil
}
