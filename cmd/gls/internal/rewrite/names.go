package rewrite

import (
	"go/ast"
	"go/token"
	"go/types"
	"path"
	"strconv"
	"strings"

	"github.com/seed18162548/contextvars/cmd/gls/internal/glsapi"
)

// An addedImport is an import that the edits of a file need.
type addedImport struct{ path, name string }

// qualified returns how the file can refer to a name of the package path: with
// the name by which the file already imports the package, if nothing shadows
// that, or with an import that qualified adds.
func (f *File) qualified(pkgPath, name string) string {
	return f.packageName(pkgPath) + "." + name
}

func (f *File) packageName(pkgPath string) string {
	for _, imp := range f.added {
		if imp.path == pkgPath {
			return imp.name
		}
	}
	for _, spec := range f.ast.Imports {
		if p, err := strconv.Unquote(spec.Path.Value); err != nil || p != pkgPath {
			continue
		}
		name := path.Base(pkgPath)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		if name != "." && name != "_" && !f.declares(name) {
			return name
		}
	}
	base := path.Base(pkgPath)
	name := base
	for i := 1; !f.isFree(name); i++ {
		name = "gls" + base
		if i > 1 {
			name += strconv.Itoa(i)
		}
	}
	f.added = append(f.added, addedImport{pkgPath, name})
	return name
}

// isFree reports whether the file can import a package under name.
func (f *File) isFree(name string) bool {
	u := f.unit
	if u.Reserved[name] || u.Pkg.Scope().Lookup(name) != nil || f.declares(name) {
		return false
	}
	for _, imp := range f.added {
		if imp.name == name {
			return false
		}
	}
	if scope := u.Info.Scopes[f.ast]; scope != nil && scope.Lookup(name) != nil {
		return false
	}
	return true
}

// declares reports whether a scope inside the file declares name, which would
// shadow it.
func (f *File) declares(name string) bool {
	declares := false
	ast.Inspect(f.ast, func(n ast.Node) bool {
		id, ok := n.(*ast.Ident)
		if !ok || id.Name != name || id == f.ast.Name {
			return !declares
		}
		obj, defined := f.unit.Info.Defs[id]
		switch obj := obj.(type) {
		case *types.PkgName:
			defined = false // an import is not in an inner scope
		case *types.Var:
			defined = defined && !obj.IsField()
		case *types.Func:
			defined = defined && obj.Signature().Recv() == nil
		}
		declares = declares || defined
		return !declares
	})
	return declares
}

// typeName returns how the file can refer to t, or the reason why it cannot.
func (f *File) typeName(t types.Type) (name, reason string) {
	name = types.TypeString(t, func(p *types.Package) string {
		if p == f.unit.Pkg {
			return ""
		}
		for _, spec := range f.ast.Imports {
			obj := f.unit.Info.PkgNameOf(spec)
			if obj != nil && obj.Imported() == p && obj.Name() != "." && obj.Name() != "_" {
				return obj.Name()
			}
		}
		reason = "the file does not import " + p.Path() + ", which has a type that it would have to name"
		return p.Name()
	})
	if named, ok := types.Unalias(t).(*types.Named); ok && reason == "" {
		obj := named.Obj()
		switch {
		case obj.Pkg() != nil && obj.Pkg() != f.unit.Pkg && !obj.Exported():
			reason = "it would have to name the unexported type " + obj.Pkg().Path() + "." + obj.Name()
		case obj.Pkg() == f.unit.Pkg && obj.Parent() != f.unit.Pkg.Scope() || f.declares(strings.Split(name, ".")[0]) && obj.Pkg() != f.unit.Pkg:
			reason = "it would have to name the type " + obj.Name() + ", which may be shadowed there"
		}
	}
	return name, reason
}

// importEdits returns the edits that add imports.
func (f *File) importEdits() []Edit {
	if len(f.added) == 0 || len(f.edits) == 0 {
		return nil
	}
	if f.layout == SameLines {
		s := ""
		for _, imp := range f.added {
			s += "; import " + imp.name + " " + strconv.Quote(imp.path)
		}
		return []Edit{{f.ast.Name.End(), f.ast.Name.End(), s}}
	}
	var lines []string
	for _, imp := range f.added {
		line := strconv.Quote(imp.path)
		if imp.name != path.Base(imp.path) {
			line = imp.name + " " + line
		}
		lines = append(lines, line)
	}
	return f.importLines(lines)
}

// importLines returns the edits that add lines to the imports: in a
// parenthesised declaration, after the spec with the most similar path or as a
// separate group; or in a declaration that gets parentheses; or as new
// declarations.
func (f *File) importLines(lines []string) []Edit {
	var (
		removed       = f.unused()
		single, block *ast.GenDecl
		near          *ast.ImportSpec // in block
		last          *ast.ImportSpec // of block
		alike         int
		at            = f.ast.Name.End()
	)
	for _, d := range f.ast.Decls {
		decl, ok := d.(*ast.GenDecl)
		if !ok || decl.Tok != token.IMPORT {
			continue
		}
		at = decl.End()
		if isCgo(decl) {
			continue
		}
		if !decl.Lparen.IsValid() {
			if !removed[decl.Specs[0].(*ast.ImportSpec)] {
				single = decl
			}
			continue
		}
		if block == nil {
			block = decl
		}
		for _, s := range decl.Specs {
			spec := s.(*ast.ImportSpec)
			if removed[spec] {
				continue
			}
			if block == decl {
				last = spec
			}
			if n := likeness(spec); n > 0 && n >= alike {
				block, near, alike = decl, spec, n
			}
		}
	}
	add := strings.Join(lines, "\n\t")
	switch {
	case near != nil:
		at = f.endOfLine(near.End())
		return []Edit{{at, at, "\n\t" + add}}
	case block != nil && last == nil:
		return []Edit{{block.Rparen, block.Rparen, "\n\t" + add + "\n"}}
	case block != nil:
		at = f.endOfLine(last.End())
		return []Edit{{at, at, "\n\n\t" + add}}
	case single != nil:
		spec := single.Specs[0].(*ast.ImportSpec)
		gap := "\n\n\t"
		if likeness(spec) > 0 {
			gap = "\n\t"
		}
		open := Edit{spec.Pos(), spec.Pos(), "(\n\t"}
		if keyword := single.TokPos + token.Pos(len("import")); !f.hasComment(keyword, spec.Pos()) {
			open = Edit{keyword, spec.Pos(), " (\n\t"}
		}
		at = f.endOfLine(spec.End())
		return []Edit{open, {at, at, gap + add + "\n)"}}
	}
	at = f.endOfLine(at)
	return []Edit{{at, at, "\n\nimport " + strings.Join(lines, "\nimport ")}}
}

// likeness returns how similar the path of a spec is to that of this library: 0
// for the standard library.
func likeness(spec *ast.ImportSpec) int {
	p, err := strconv.Unquote(spec.Path.Value)
	if err != nil || !strings.Contains(strings.Split(p, "/")[0], ".") {
		return 0
	}
	ours := strings.Split(glsapi.Module, "/")
	n := 1
	for i, part := range strings.Split(p, "/") {
		if i >= len(ours) || part != ours[i] {
			break
		}
		n++
	}
	return n
}

func isCgo(decl *ast.GenDecl) bool {
	for _, s := range decl.Specs {
		if s.(*ast.ImportSpec).Path.Value == `"C"` {
			return true
		}
	}
	return false
}

// endOfLine returns the end of the line of p, before the line break and after a
// comment, or p if other code follows on the line.
func (f *File) endOfLine(p token.Pos) token.Pos {
	rest := string(f.src[f.offset(p):])
	line, _, _ := strings.Cut(rest, "\n")
	trimmed := strings.TrimSpace(line)
	if trimmed == "" || strings.HasPrefix(trimmed, "//") {
		return p + token.Pos(len(strings.TrimRight(line, "\r")))
	}
	return p
}
