package lint

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// parse calls f for every Go file that is not a test, of the library or of a
// module that others import.
func parse(t *testing.T, f func(path string, fset *token.FileSet, file *ast.File)) {
	t.Helper()
	goFiles(t, func(path, content string) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		fset := token.NewFileSet()
		file, err := parser.ParseFile(fset, path, content, parser.ParseComments|parser.SkipObjectResolution)
		require.NoError(t, err)
		f(path, fset, file)
	})
}

func TestExportedSymbolsAreDocumented(t *testing.T) {
	parse(t, func(path string, fset *token.FileSet, file *ast.File) {
		if file.Name.Name == "main" {
			return
		}
		for _, decl := range file.Decls {
			switch d := decl.(type) {
			case *ast.FuncDecl:
				if d.Name.IsExported() && exportedReceiver(d) {
					checkDoc(t, fset, d.Pos(), d.Name.Name, d.Doc)
				}
			case *ast.GenDecl:
				for _, spec := range d.Specs {
					if s, ok := spec.(*ast.TypeSpec); ok && s.Name.IsExported() {
						doc := s.Doc
						if doc == nil {
							doc = d.Doc
						}
						checkDoc(t, fset, s.Pos(), s.Name.Name, doc)
					}
				}
			}
		}
	})
}

// exportedReceiver reports whether d is a function or a method of an exported
// type.
func exportedReceiver(d *ast.FuncDecl) bool {
	if d.Recv == nil {
		return true
	}
	x := d.Recv.List[0].Type
	for {
		switch e := x.(type) {
		case *ast.StarExpr:
			x = e.X
		case *ast.IndexExpr:
			x = e.X
		case *ast.IndexListExpr:
			x = e.X
		case *ast.Ident:
			return e.IsExported()
		default:
			return false
		}
	}
}

func checkDoc(t *testing.T, fset *token.FileSet, pos token.Pos, name string, doc *ast.CommentGroup) {
	t.Helper()
	if doc == nil {
		t.Errorf("%s: %s has no comment; say what it does, what it costs, what panics", fset.Position(pos), name)
		return
	}
	text := doc.Text()
	for _, article := range []string{"", "A ", "An ", "The "} {
		if strings.HasPrefix(text, article+name) {
			return
		}
	}
	t.Errorf("%s: the comment of %s does not begin with its name", fset.Position(pos), name)
}

func TestFieldsBesideALockSayWhoGuardsThem(t *testing.T) {
	parse(t, func(path string, fset *token.FileSet, file *ast.File) {
		ast.Inspect(file, func(n ast.Node) bool {
			s, ok := n.(*ast.StructType)
			if !ok || !hasLock(s) {
				return true
			}
			for _, f := range s.Fields.List {
				text := f.Doc.Text() + f.Comment.Text()
				if len(f.Names) == 0 || isLock(f.Type) || f.Names[0].Name == "_" {
					continue
				}
				guarded := false
				for _, phrase := range []string{"guarded by", "immutable", "under mu", "atomic", "only by"} {
					guarded = guarded || strings.Contains(text, phrase)
				}
				if !guarded {
					t.Errorf("%s: field %s stands beside a lock; say what it is guarded by, or that it is immutable", fset.Position(f.Pos()), f.Names[0].Name)
				}
			}
			return true
		})
	})
}

func hasLock(s *ast.StructType) bool {
	for _, f := range s.Fields.List {
		if isLock(f.Type) {
			return true
		}
	}
	return false
}

func isLock(x ast.Expr) bool {
	sel, ok := x.(*ast.SelectorExpr)
	return ok && (sel.Sel.Name == "Mutex" || sel.Sel.Name == "RWMutex")
}
