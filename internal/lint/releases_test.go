package lint

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// rangePlaces are the files that state which releases of Go the library was
// checked on. DESIGN, "What a new Go release requires", is about them.
var rangePlaces = map[string]bool{
	"README.md":                    false,
	"DESIGN.md":                    false,
	"gls/doc.go":                   false,
	"gls/glssql/bridge.go":         false,
	"internal/goroutine/layout.go": false,
}

// TestReleasesAgree compares every range of Go releases in the tree that begins
// with the oldest one with the Makefile, where a new release is added.
func TestReleasesAgree(t *testing.T) {
	texts := make(map[string]string)
	files(t, func(path, content string) { texts[path] = content })

	list := regexp.MustCompile(`(?m)^RELEASES := (.*)$`).FindStringSubmatch(texts["Makefile"])
	require.NotNil(t, list, "the Makefile has no RELEASES")
	minor := regexp.MustCompile(`go1\.(\d+)\.\d+`).FindAllStringSubmatch(list[1], -1)
	require.NotEmpty(t, minor)
	oldest, newest := minor[0][1], minor[len(minor)-1][1]

	stated := regexp.MustCompile(`\b1\.` + oldest + ` to 1\.(\d+)\b`)
	for path, content := range texts {
		if path == "CHANGELOG.md" || strings.HasPrefix(path, "internal/lint/") {
			continue
		}
		for _, m := range stated.FindAllStringSubmatch(content, -1) {
			if _, ok := rangePlaces[path]; ok {
				rangePlaces[path] = true
			}
			if m[1] != newest {
				t.Errorf("%s says Go %s, but the Makefile's RELEASES are 1.%s to 1.%s; test there and say so", path, m[0], oldest, newest)
			}
		}
	}
	for path, found := range rangePlaces {
		if !found {
			t.Errorf("%s does not say on one line which releases it was checked on: 1.%s to 1.%s", path, oldest, newest)
		}
	}
	for _, release := range regexp.MustCompile(`go1\.\d+\.\d+`).FindAllString(list[1], -1) {
		if w := texts[".github/workflows/ci.yml"]; !strings.Contains(w, release) {
			t.Errorf(".github/workflows/ci.yml does not test %s, which the Makefile's RELEASES have", release)
		}
	}
}
