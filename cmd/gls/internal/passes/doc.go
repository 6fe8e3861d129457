package passes

import (
	"fmt"
	"go/parser"
	"go/token"
	"strings"
)

// Doc returns the documentation of an analyzer out of the source of its doc.go,
// whose package comment has a section
//
//	# Analyzer NAME
//
//	NAME: summary
//
// It panics if there is none. It is for package-level variables, and each
// analyzer has a test.
func Doc(source, name string) string {
	f, err := parser.ParseFile(token.NewFileSet(), "doc.go", source, parser.PackageClauseOnly|parser.ParseComments)
	if err != nil {
		panic(err)
	}
	text := f.Doc.Text()
	_, section, found := strings.Cut(text, "# Analyzer "+name+"\n\n"+name+": ")
	if !found {
		panic(fmt.Sprintf("passes: doc.go has no section \"# Analyzer %s\"", name))
	}
	return strings.TrimSpace(section)
}
