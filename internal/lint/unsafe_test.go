package lint

import (
	"strings"
	"testing"
)

// unsafeFiles are the files outside internal/goroutine that import unsafe or
// are assembly, each with its reason.
var unsafeFiles = map[string]string{
	"internal/registry/find_amd64.s":     "from g to the binding in one function (DESIGN, The way of a Get)",
	"internal/registry/find_arm64.s":     "from g to the binding in one function (DESIGN, The way of a Get)",
	"internal/registry/find_asm.go":      "where user code puts a default that it computes",
	"internal/registry/find_go.go":       "where user code puts a default that it computes",
	"internal/binding/query.go":          "where user code puts a default that it computes; offsets for assembly",
	"internal/registry/shard.go":         "sizes of cache lines; the handle of a goroutine is a g",
	"internal/registry/table.go":         "slots behind the mask, in one allocation",
	"internal/registry/newtable.go":      "slots behind the mask, in one allocation",
	"internal/registry/starter.go":       "the handle of a goroutine is a g",
	"internal/registry/state.go":         "the handle of a goroutine is a g; an explicit Context begins with its Scope",
	"internal/registry/borrow.go":        "a Borrowed and an explicit Context begin with their Scope",
	"internal/release/release.go":        "atomic words of a type of their own",
	"internal/release/release_amd64.go":  "atomic words of a type of their own",
	"internal/release/release_atomic.go": "atomic words of a type of their own",
	"internal/binding/cell.go":           "the pointer before a cell in a deep map; offsets for assembly",
	"internal/binding/trie.go":           "one node type for both levels; the header of a trie is a cell",
	"gls/var.go":                         "the type of a cell is known by its key",
	"gls/token.go":                       "the type of a cell is known by its key",
	"gls/identity.go":                    "the identity behind a cell; closures are compared by address",
	"internal/registry/size_test.go":     "checks sizes",
	"gls/cost_test.go":                   "checks sizes",
}

func TestUnsafeIsListed(t *testing.T) {
	stale := make(map[string]bool)
	for path := range unsafeFiles {
		stale[path] = true
	}
	files(t, func(path, content string) {
		dangerous := strings.HasSuffix(path, ".s") ||
			strings.HasSuffix(path, ".go") && strings.Contains(content, "\n\t\"unsafe\"\n") ||
			strings.HasSuffix(path, ".go") && strings.Contains(content, "\nimport \"unsafe\"\n")
		if dangerous && !strings.HasPrefix(path, "internal/goroutine/") && unsafeFiles[path] == "" {
			t.Errorf("%s uses unsafe or is assembly; move that to internal/goroutine, or give the reason in internal/lint", path)
		}
		if dangerous {
			delete(stale, path)
		}
	})
	for path := range stale {
		t.Errorf("%s needs no reason in internal/lint any more; remove it", path)
	}
}

func TestNoLinkname(t *testing.T) {
	goFiles(t, func(path, content string) {
		if strings.Contains(content, "//go:"+"linkname") {
			t.Errorf("%s links to a name that is not ours; use a public API", path)
		}
	})
}
