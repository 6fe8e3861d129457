// Package golangci registers the analyzers of gls with golangci-lint, as the
// module plugin "gls". In .custom-gcl.yml:
//
//	plugins:
//	  - module: github.com/seed18162548/contextvars/cmd/gls
//	    import: github.com/seed18162548/contextvars/cmd/gls/golangci
//
// and in .golangci.yml, where all settings are optional:
//
//	linters:
//	  settings:
//	    custom:
//	      gls:
//	        type: module
//	        settings:
//	          policy: safe        # or all, none
//	          detach: false
//	          takers: ""          # as the flag of analyzer callback
//	          handlers: ""        # as the flag of analyzer rawgo
//	          disable: [newvar]
package golangci

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"

	suite "github.com/seed18162548/contextvars/cmd/gls/analysis"
	"github.com/seed18162548/contextvars/cmd/gls/analysis/callback"
	"github.com/seed18162548/contextvars/cmd/gls/analysis/lifetime"
	"github.com/seed18162548/contextvars/cmd/gls/analysis/rawgo"
	"github.com/seed18162548/contextvars/cmd/gls/internal/policy"
)

func init() { register.Plugin("gls", New) }

type settings struct {
	Policy   string   `json:"policy"`
	Detach   bool     `json:"detach"`
	Takers   string   `json:"takers"`
	Handlers string   `json:"handlers"`
	Disable  []string `json:"disable"`
}

// New returns the plugin with the settings conf, which golangci-lint read from
// its configuration.
func New(conf any) (register.LinterPlugin, error) {
	s, err := register.DecodeSettings[settings](conf)
	if err != nil {
		return nil, err
	}
	if s.Policy == "" {
		s.Policy = string(policy.Safe)
	}
	if _, err := policy.Parse(s.Policy); err != nil {
		return nil, err
	}
	for _, name := range s.Disable {
		if !slices.ContainsFunc(suite.All(), func(a *analysis.Analyzer) bool { return a.Name == name }) {
			return nil, fmt.Errorf("disable: there is no analyzer %q", name)
		}
	}
	return &plugin{s}, nil
}

type plugin struct{ settings settings }

// BuildAnalyzers returns the analyzers that are not disabled.
func (p *plugin) BuildAnalyzers() ([]*analysis.Analyzer, error) {
	for _, f := range []struct {
		a           *analysis.Analyzer
		name, value string
	}{
		{rawgo.Analyzer, "policy", p.settings.Policy},
		{rawgo.Analyzer, "detach", strconv.FormatBool(p.settings.Detach)},
		{callback.Analyzer, "policy", p.settings.Policy},
		{callback.Analyzer, "takers", p.settings.Takers},
		{rawgo.Analyzer, "handlers", p.settings.Handlers},
		{callback.Analyzer, "handlers", p.settings.Handlers},
		{lifetime.Analyzer, "handlers", p.settings.Handlers},
	} {
		if err := f.a.Flags.Set(f.name, f.value); err != nil {
			return nil, fmt.Errorf("%s: %w", f.a.Name, err)
		}
	}
	var on []*analysis.Analyzer
	for _, a := range suite.All() {
		if !slices.Contains(p.settings.Disable, a.Name) {
			on = append(on, a)
		}
	}
	return on, nil
}

// GetLoadMode says that the analyzers need types.
func (p *plugin) GetLoadMode() string { return register.LoadModeTypesInfo }
