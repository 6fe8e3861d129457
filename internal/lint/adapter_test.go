package lint

import (
	"go/ast"
	"go/token"
	"path"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// Adapters are called gls and the short name of the field that they adapt:
// glshttp, glszap. Those that need only the standard library are packages of
// the root in gls/; the others are modules of their own in contrib/, and
// recipes for engines with many configurations are packages of contrib/recipes.

var (
	adapterName = regexp.MustCompile(`^gls[a-z][a-z0-9]*$`)
	oldName     = regexp.MustCompile(`^[a-z]+gls$`)
)

func TestAdaptersAreNamedAndPlacedAlike(t *testing.T) {
	modules := make(map[string]bool)
	files(t, func(file, _ string) {
		if path.Base(file) == "go.mod" {
			modules[path.Dir(file)] = true
		}
	})
	foreign := make(map[string]bool) // directories of contrib that need more than the standard library
	parse(t, func(file string, _ *token.FileSet, source *ast.File) {
		dir, name := path.Dir(file), source.Name.Name
		if oldName.MatchString(name) {
			t.Errorf("%s is of package %s; an adapter is called gls and the field's short name, gls%s", file, name, strings.TrimSuffix(name, "gls"))
		}
		in, base := path.Split(dir)
		switch in {
		case "gls/", "contrib/", "contrib/recipes/":
			if base == "recipes" || base == "testdata" {
				return
			}
			if !adapterName.MatchString(base) {
				t.Errorf("%s is called %s; an adapter is called gls and the field's short name", dir, base)
			}
			if name != base && name != "main" {
				t.Errorf("%s is of package %s; name it as its directory, %s", file, name, base)
			}
		default:
			return
		}
		switch {
		case in == "gls/" && modules[dir]:
			t.Errorf("%s is a module; what needs one belongs into contrib/", dir)
		case in == "gls/" && needsMore(source):
			t.Errorf("%s imports more than the standard library; put the adapter into contrib/%s, a module of its own", file, base)
		case in == "contrib/" && !modules[dir]:
			t.Errorf("%s has no go.mod; what is no module of its own belongs into gls/", dir)
		}
		if in == "contrib/" {
			foreign[dir] = foreign[dir] || needsMore(source)
		}
	})
	for dir, needs := range foreign {
		if !needs {
			t.Errorf("%s imports only the standard library; put it into gls/%s, without a module", dir, path.Base(dir))
		}
	}
}

// needsMore reports whether f imports a package that is neither of the standard
// library nor of the root module.
func needsMore(f *ast.File) bool {
	const us = "github.com/seed18162548/contextvars/"
	for _, spec := range f.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			return true
		}
		first, _, _ := strings.Cut(imported, "/")
		ours := strings.HasPrefix(imported, us) && !strings.HasPrefix(imported, us+"contrib/")
		if strings.Contains(first, ".") && !ours {
			return true
		}
	}
	return false
}
