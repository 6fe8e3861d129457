package golangci_test

import (
	"slices"
	"testing"

	"github.com/golangci/plugin-module-register/register"
	"golang.org/x/tools/go/analysis"
	"golang.org/x/tools/go/analysis/analysistest"

	_ "github.com/seed18162548/contextvars/cmd/gls/golangci"
	"github.com/seed18162548/contextvars/cmd/gls/internal/sandbox"
)

// plugin returns the plugin as golangci-lint gets it.
func plugin(t *testing.T, settings any) (register.LinterPlugin, error) {
	t.Helper()
	build, err := register.GetPlugin("gls")
	if err != nil {
		t.Fatal(err)
	}
	return build(settings)
}

func names(as []*analysis.Analyzer) (names []string) {
	for _, a := range as {
		names = append(names, a.Name)
	}
	return names
}

func TestPlugin(t *testing.T) {
	p, err := plugin(t, nil)
	if err != nil {
		t.Fatal(err)
	}
	as, err := p.BuildAnalyzers()
	if err != nil {
		t.Fatal(err)
	}
	if want := []string{"rawgo", "callback", "lifetime", "token", "tokenscope", "newvar", "subtest", "reused"}; !slices.Equal(names(as), want) {
		t.Errorf("got %v, want %v", names(as), want)
	}
	if err := analysis.Validate(as); err != nil {
		t.Error(err)
	}
	if p.GetLoadMode() != register.LoadModeTypesInfo {
		t.Errorf("load mode %q", p.GetLoadMode())
	}
}

// The settings reach the analyzers.
func TestSettings(t *testing.T) {
	p, err := plugin(t, map[string]any{"policy": "all", "takers": "example.com/x.Later", "disable": []string{"newvar"}})
	if err != nil {
		t.Fatal(err)
	}
	as, err := p.BuildAnalyzers()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if p, err := plugin(t, nil); err == nil {
			p.BuildAnalyzers() // the defaults again
		}
	})
	if slices.Contains(names(as), "newvar") || len(as) != 7 {
		t.Errorf("got %v", names(as))
	}
	for name, text := range map[string]string{
		"rawgo":    "func main() {\n\tgo main() // want `policy all, although: it is started from main`\n}\n",
		"callback": "func Later(f func()) {}\n\nfunc main() {\n\tLater(main) // want `function handed to example.com/x.Later`\n}\n",
	} {
		b := sandbox.New(t, "-- go.mod --\nmodule example.com/x\n\ngo 1.21\n-- x.go --\npackage main\n\n"+text)
		i := slices.Index(names(as), name)
		analysistest.Run(t, b.Dir, as[i], "./...")
	}
}

func TestSettingsRefused(t *testing.T) {
	for name, settings := range map[string]any{
		"policy":   map[string]any{"policy": "some"},
		"analyzer": map[string]any{"disable": []string{"rawgoo"}},
		"field":    map[string]any{"polcy": "all"},
	} {
		if _, err := plugin(t, settings); err == nil {
			t.Errorf("a wrong %s is accepted", name)
		}
	}
}
