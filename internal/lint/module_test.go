package lint

import (
	"regexp"
	"strings"
	"testing"
)

// rootRequires is all that users of the root module have to download.
var rootRequires = map[string]bool{
	"github.com/petermattis/goid":   true,
	"github.com/stretchr/testify":   true,
	"golang.org/x/sync":             true,
	"pgregory.net/rapid":            true,
	"github.com/davecgh/go-spew":    true, // of testify
	"github.com/pmezard/go-difflib": true, // of testify
	"gopkg.in/yaml.v3":              true, // of testify
}

func TestRootModuleStaysLight(t *testing.T) {
	require := regexp.MustCompile(`(?m)^\t(\S+) v`)
	files(t, func(path, content string) {
		if path != "go.mod" {
			return
		}
		if !strings.Contains(content, "\ngo 1.21\n") {
			t.Errorf("go.mod does not say go 1.21; a higher line would move the language version of legacy modules that add us")
		}
		for _, m := range require.FindAllStringSubmatch(content, -1) {
			if !rootRequires[m[1]] {
				t.Errorf("go.mod requires %s; what needs it belongs into a module of its own", m[1])
			}
		}
		for _, directive := range []string{"toolchain", "tool", "replace"} {
			if regexp.MustCompile(`(?m)^` + directive + `\b`).MatchString(content) {
				t.Errorf("go.mod has a %s directive; it would reach every user or none", directive)
			}
		}
	})
}

func TestWorkspacesAreNotCommitted(t *testing.T) {
	files(t, func(path, content string) {
		if path == ".gitignore" && !strings.Contains(content, "go.work") {
			t.Error(".gitignore does not name go.work")
		}
	})
}

func TestModulesFindTheirSiblings(t *testing.T) {
	files(t, func(path, content string) {
		if !strings.HasSuffix(path, "/go.mod") {
			return
		}
		const us = "github.com/seed18162548/contextvars"
		if strings.Contains(content, us+" v") && !strings.Contains(content, "replace "+us+" =>") && !strings.Contains(content, "\t"+us+" =>") {
			t.Errorf("%s requires the root without a replace; nothing is published yet", path)
		}
	})
}
