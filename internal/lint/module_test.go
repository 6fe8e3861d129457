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

// TestModulesFindTheirSiblings checks that in the checkout every module finds
// the others by replace. The commit of a release removes these (make
// release-check), but can only remove a replace of a sibling.
func TestModulesFindTheirSiblings(t *testing.T) {
	const us = "github.com/seed18162548/contextvars"
	requires := regexp.MustCompile(`(?m)^(?:require )?\t?(` + us + `\S*) v`)
	replaces := regexp.MustCompile(`(?m)^(?:replace )?\t?(\S+)(?: v\S+)? => `)
	files(t, func(path, content string) {
		if !strings.HasSuffix(path, "/go.mod") {
			return
		}
		replaced := make(map[string]bool)
		for _, m := range replaces.FindAllStringSubmatch(content, -1) {
			replaced[m[1]] = true
			published := strings.HasPrefix(path, "contrib/") || strings.HasPrefix(path, "cmd/")
			if published && !strings.HasPrefix(m[1], us) {
				t.Errorf("%s replaces %s; go install refuses that and go get ignores it, so require a version that works", path, m[1])
			}
		}
		for _, m := range requires.FindAllStringSubmatch(content, -1) {
			if !replaced[m[1]] {
				t.Errorf("%s requires %s without a replace; a module finds its siblings in the checkout by that", path, m[1])
			}
		}
	})
}
