package lint

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// root is the top of the repository.
const root = "../.."

// files calls f for every file of the repository that is its own source: no
// test data, nothing hidden but .ci and .github.
func files(t *testing.T, f func(path string, content string)) {
	t.Helper()
	n := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() {
			hidden := strings.HasPrefix(name, ".") && name != ".ci" && name != ".github" && path != root
			if hidden || name == "testdata" || name == "results" {
				return filepath.SkipDir
			}
			return nil
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		n++
		f(filepath.ToSlash(rel), string(content))
		return nil
	})
	require.NoError(t, err)
	require.Greater(t, n, 50, "the tree was not found")
}

// goFiles is files for Go source.
func goFiles(t *testing.T, f func(path, content string)) {
	t.Helper()
	files(t, func(path, content string) {
		if strings.HasSuffix(path, ".go") {
			f(path, content)
		}
	})
}

func TestFilesAreNamedForConcepts(t *testing.T) {
	kinds := regexp.MustCompile(`(^|/)(util|utils|helper|helpers|common|types|errors|misc|base|stuff)\.go$`)
	goFiles(t, func(path, _ string) {
		if kinds.MatchString(path) {
			t.Errorf("%s is named for a kind; name it for the concept that it holds", path)
		}
	})
}

func TestFilesAreShort(t *testing.T) {
	const most = 450 // lines; beyond that a file is rarely one concept
	goFiles(t, func(path, content string) {
		if n := strings.Count(content, "\n"); n > most {
			t.Errorf("%s has %d lines; split it by concept at %d", path, n, most)
		}
	})
}

func TestNothingIsHalfDone(t *testing.T) {
	marks := regexp.MustCompile(`(//|/\*).*\b(TO` + `DO|FIX` + `ME|XX` + `X|not impl` + `emented)\b`)
	goFiles(t, func(path, content string) {
		content = strings.ReplaceAll(content, "context.TO"+"DO", "")
		if m := marks.FindString(content); m != "" {
			t.Errorf("%s says %s; do it, or describe the limit in the documentation", path, m)
		}
	})
}

func TestTestsAreNotSkipped(t *testing.T) {
	skips := regexp.MustCompile(`\b[tb]\.Skip(f|Now)?\(|testing\.Short\(\)`)
	goFiles(t, func(path, content string) {
		if strings.HasSuffix(path, "_test.go") && !strings.HasPrefix(path, "internal/lint/") && skips.MatchString(content) {
			t.Errorf("%s skips; use a build constraint for what a platform cannot do", path)
		}
	})
}

// sleepers are the files that may sleep, each with its reason.
var sleepers = map[string]string{
	"gls/glstest/glstest.go": "waits for goroutines that no API reports the end of",
}

func TestNobodySleepsToSynchronise(t *testing.T) {
	goFiles(t, func(path, content string) {
		library := strings.HasPrefix(path, "gls/") || strings.HasPrefix(path, "spawn/") || strings.HasPrefix(path, "internal/")
		if library && !strings.HasPrefix(path, "internal/lint/") && sleepers[path] == "" && strings.Contains(content, "time.Sleep(") {
			t.Errorf("%s sleeps; use a channel or testing/synctest, or give the reason in internal/lint", path)
		}
	})
}

func TestOwnBuildTagsHaveThePrefix(t *testing.T) {
	known := regexp.MustCompile(`^(gls_\w+|go1\.\d+|race|gc|cgo|unix|linux|darwin|windows|js|wasip1|wasm|386|amd64|arm|arm64|riscv64|s390x|ppc64le)$`)
	words := regexp.MustCompile(`[\w.]+`)
	goFiles(t, func(path, content string) {
		for _, line := range strings.Split(content, "\n") {
			if strings.HasPrefix(line, "package ") {
				break
			}
			if !strings.HasPrefix(line, "//go:build ") {
				continue
			}
			for _, tag := range words.FindAllString(strings.TrimPrefix(line, "//go:build "), -1) {
				if !known.MatchString(tag) {
					t.Errorf("%s has the build tag %s; own tags begin with gls_", path, tag)
				}
			}
		}
	})
}
