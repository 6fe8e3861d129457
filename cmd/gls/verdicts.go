package main

import (
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"

	"github.com/seed18162548/contextvars/cmd/gls/internal/load"
	"github.com/seed18162548/contextvars/cmd/gls/internal/overlay"
	"github.com/seed18162548/contextvars/cmd/gls/internal/policy"
	"github.com/seed18162548/contextvars/cmd/gls/internal/verdict"
)

// verdicts applies the policy to the current module as a whole and returns the
// name of the file with the results. The name is derived from the contents,
// because go vet caches results by the flags of its tool.
func (c *sharedFlags) verdicts(flags []string) (string, error) {
	o, err := c.plan()
	if err != nil {
		return "", err
	}
	gomod, err := moduleFile()
	if err != nil {
		return "", err
	}
	m := startMeter()
	defer m.stop()
	config := load.Config{Dir: filepath.Dir(gomod), Patterns: []string{"./..."}, Flags: flags, Tests: c.tests, Progress: m.report}
	program, err := config.Load()
	if err != nil {
		return "", err
	}
	data, err := verdict.Collect(program.Packages, verdict.Options{
		Options: policy.Options{Policy: o.Policy, Handlers: o.Handlers}, Takers: o.Takers,
	}).Write()
	if err != nil {
		return "", err
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	name := filepath.Join(dir, "gls", "verdicts", fmt.Sprintf("%x.json", sha256.Sum256(data)))
	return name, overlay.Keep(name, data)
}
