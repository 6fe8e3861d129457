package policy

import (
	"go/types"
	"strings"
)

// elsewhere returns a type of another module that has the method of an
// interface of the program, a value of which becomes an interface, and of which
// it is not known that the method ends; or "".
func (p *Program) elsewhere(fn *types.Func) string {
	key := p.key(fn)
	name, ok := p.foreign[key]
	if !ok {
		name = p.foreigner(fn)
		p.foreign[key] = name
	}
	return name
}

func (p *Program) foreigner(fn *types.Func) string {
	iface, ok := fn.Signature().Recv().Type().Underlying().(*types.Interface)
	if !ok || hasTypeParams(fn.Signature().Recv().Type()) {
		return ""
	}
	if own := namedOf(fn.Signature().Recv().Type()); own != nil {
		if from := p.fromOther[own.Obj()]; from != "" {
			return from
		}
	}
	if t := p.promotes(fn, iface); t != "" {
		return t
	}
	for path, pkg := range p.imported() {
		if standard(path) {
			if t := p.lastingType(pkg, fn.Name(), iface); t != "" {
				return t
			}
			continue
		}
		if trusted(path) {
			continue
		}
		for _, name := range pkg.Scope().Names() {
			obj, ok := pkg.Scope().Lookup(name).(*types.TypeName)
			if !ok || !p.boxed[path+"."+name] || types.IsInterface(obj.Type()) {
				continue
			}
			if named := namedOf(obj.Type()); named == nil || named.TypeParams().Len() > 0 {
				continue
			}
			if types.Implements(types.NewPointer(obj.Type()), iface) {
				return pkg.Name() + "." + name
			}
		}
	}
	return ""
}

// promotes returns a type of the program that has the interface by embedding
// something of another module, of whose method it is not known that it ends; or
// "".
func (p *Program) promotes(fn *types.Func, iface *types.Interface) string {
	for _, u := range p.units {
		for _, name := range u.Pkg.Scope().Names() {
			obj, ok := u.Pkg.Scope().Lookup(name).(*types.TypeName)
			if !ok || !p.boxed[u.Pkg.Path()+"."+name] || types.IsInterface(obj.Type()) {
				continue
			}
			if named := namedOf(obj.Type()); named == nil || named.TypeParams().Len() > 0 || !types.Implements(types.NewPointer(named), iface) {
				continue
			}
			found, _, _ := types.LookupFieldOrMethod(types.NewPointer(obj.Type()), true, u.Pkg, fn.Name())
			m, ok := found.(*types.Func)
			if !ok || m.Pkg() == nil || p.program(m) || isAbstract(m) && p.isOwnPackage(m.Pkg()) {
				continue
			}
			_, lasts := lasting[m.FullName()]
			known := standard(m.Pkg().Path()) && !open[m.Pkg().Path()] && !callsBack[m.FullName()] || trusted(m.Pkg().Path()) || answers(m) || ofRequest(m)
			if lasts || readers[m.FullName()] != 0 || !known {
				return u.Pkg.Name() + "." + name
			}
		}
	}
	return ""
}

// lastingType returns a type of a package of the standard library that has the
// interface, and whose method is known to last.
func (p *Program) lastingType(pkg *types.Package, method string, iface *types.Interface) string {
	prefix, suffix := "(*"+pkg.Path()+".", ")."+method
	for name := range lasting {
		rest, ok := strings.CutPrefix(name, prefix)
		if !ok || !strings.HasSuffix(rest, suffix) {
			continue
		}
		obj, ok := pkg.Scope().Lookup(strings.TrimSuffix(rest, suffix)).(*types.TypeName)
		if ok && p.boxed[pkg.Path()+"."+obj.Name()] && types.Implements(types.NewPointer(obj.Type()), iface) {
			return pkg.Name() + "." + obj.Name()
		}
	}
	return ""
}

// imported returns the packages that the program imports and that are not part
// of it, by path.
func (p *Program) imported() map[string]*types.Package {
	if p.imports != nil {
		return p.imports
	}
	p.imports = map[string]*types.Package{}
	own := map[string]bool{}
	for _, u := range p.units {
		own[u.Pkg.Path()] = true
	}
	for _, u := range p.units {
		for _, pkg := range u.Pkg.Imports() {
			if !own[pkg.Path()] {
				p.imports[pkg.Path()] = pkg
			}
		}
	}
	return p.imports
}
