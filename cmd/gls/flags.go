package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"

	"github.com/seed18162548/contextvars/cmd/gls/internal/handoff"
	"github.com/seed18162548/contextvars/cmd/gls/internal/load"
	"github.com/seed18162548/contextvars/cmd/gls/internal/modreq"
	"github.com/seed18162548/contextvars/cmd/gls/internal/plan"
	"github.com/seed18162548/contextvars/cmd/gls/internal/policy"
)

// sharedFlags holds the flags that vet, fix and the overlay have in common.
type sharedFlags struct {
	policy            string
	takers            string
	handlers          string
	lib               string
	deps              string
	detach, callbacks bool
	tests, generated  bool
}

func (c *sharedFlags) register(fs *flag.FlagSet) {
	fs.StringVar(&c.policy, "policy", string(policy.Safe), "what inherits: `safe`, all or none")
	fs.BoolVar(&c.detach, "detach", false, "write spawn.Detached for what may live as long as the process")
	fs.BoolVar(&c.callbacks, "callbacks", true, "rewrite callbacks too, not only go statements")
	fs.StringVar(&c.takers, "takers", "", "further functions that call their argument elsewhere, as `LIST` example.com/pool.Submit:0,…")
	fs.StringVar(&c.handlers, "handlers", "", "further types of parameters that mark handlers, as `LIST` example.com/web.Context,…")
	fs.BoolVar(&c.tests, "tests", false, "rewrite test files too")
	fs.BoolVar(&c.generated, "generated", false, "rewrite generated files too")
	fs.StringVar(&c.lib, "lib", "", "take the library from `DIR` where the requirement is missing")
}

// registerDeps registers the flag of the commands that use an overlay.
func (c *sharedFlags) registerDeps(fs *flag.FlagSet) {
	fs.StringVar(&c.deps, "deps", "", "rewrite copies of these modules of the module cache too, as `LIST` example.com/a,example.com/b")
}

// depList returns the modules of the -deps flag.
func (c *sharedFlags) depList() (paths []string) {
	for _, p := range strings.Split(c.deps, ",") {
		if p = strings.TrimSpace(p); p != "" {
			paths = append(paths, p)
		}
	}
	return paths
}

func (c *sharedFlags) plan() (o plan.Options, err error) {
	o.Detach, o.Callbacks, o.Tests, o.Generated = c.detach, c.callbacks, c.tests, c.generated
	if o.Policy, err = policy.Parse(c.policy); err != nil {
		return o, err
	}
	if o.Handlers, err = policy.ParseHandlers(c.handlers); err != nil {
		return o, err
	}
	more, err := handoff.Parse(c.takers)
	o.Takers = handoff.Index(handoff.Known, more)
	return o, err
}

// key returns what a plan depends on besides its sources.
func (c *sharedFlags) key() []any {
	return []any{c.policy, c.takers, c.handlers, c.detach, c.callbacks, c.tests, c.generated}
}

func (c *sharedFlags) library() (modreq.Library, error) {
	info, _ := debug.ReadBuildInfo()
	return modreq.Find(c.lib, info)
}

// newFlagSet returns the flag set of a command.
func newFlagSet(command string) *flag.FlagSet {
	return flag.NewFlagSet("gls "+command, flag.ContinueOnError)
}

// isHelp reports whether arg asks for help.
func isHelp(arg string) bool { return arg == "-h" || arg == "-help" || arg == "--help" }

// parse parses the flags of a command; -h prints what it does.
func parse(fs *flag.FlagSet, args []string, about string) error {
	if len(args) > 0 && isHelp(args[0]) {
		fs.SetOutput(os.Stdout) // because it was asked for
	}
	fs.Usage = func() {
		fmt.Fprintln(fs.Output(), about)
		flags := 0
		fs.VisitAll(func(*flag.Flag) { flags++ })
		if flags > 0 {
			fmt.Fprint(fs.Output(), "\nFlags:\n")
			fs.PrintDefaults()
		}
	}
	switch err := fs.Parse(args); {
	case err == nil:
		return nil
	case errors.Is(err, flag.ErrHelp):
		return exit(0)
	default:
		return exit(2)
	}
}

// loadConfigs returns the configs to load for patterns: one for a module or a
// workspace and, if a pattern is ./..., one for each module below that is not
// in a workspace.
func loadConfigs(patterns, flags []string, m *meter) ([]*load.Config, error) {
	if len(patterns) == 0 {
		patterns = []string{"./..."}
	}
	configs := []*load.Config{{Patterns: patterns, Flags: flags, Progress: m.report}}
	if len(patterns) != 1 || patterns[0] != "./..." {
		return configs, nil
	}
	env, err := goEnv("GOWORK", "GOMOD")
	if err != nil {
		return nil, err
	}
	work, gomod := env[0], env[1]
	if work != "" && work != "off" {
		return configs, nil
	}
	if gomod == "" || gomod == os.DevNull {
		configs = nil // there is no module here, but there may be some below
	}
	err = filepath.WalkDir(".", func(name string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		base := d.Name()
		if d.IsDir() && name != "." && (strings.HasPrefix(base, ".") || strings.HasPrefix(base, "_") || base == "vendor" || base == "testdata" || base == "node_modules") {
			return filepath.SkipDir
		}
		if base == "go.mod" && name != "go.mod" && !d.IsDir() {
			configs = append(configs, &load.Config{Dir: filepath.Dir(name), Patterns: patterns, Flags: flags, Progress: m.report})
		}
		return nil
	})
	if err == nil && len(configs) == 0 {
		return nil, fmt.Errorf("there is no go.mod here, above or below")
	}
	return configs, err
}

// goEnv returns the values of variables of the go command.
func goEnv(names ...string) ([]string, error) {
	out, err := exec.Command("go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		return nil, fmt.Errorf("go env: %w", err)
	}
	values := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	for i := range values {
		values[i] = strings.TrimSuffix(values[i], "\r")
	}
	if len(values) != len(names) {
		return nil, fmt.Errorf("go env: %d values for %d names", len(values), len(names))
	}
	return values, nil
}
