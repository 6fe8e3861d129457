package policy

import (
	"go/ast"
	"go/token"
	"go/types"
)

// abstract searches all methods of the program that a call through an interface
// may reach.
func (s *search) abstract(fn *types.Func, pos token.Pos, f *frame, call *ast.CallExpr) *doubt {
	if d, known := s.knownMethod(fn, call, pos, f); known {
		return d
	}
	if other := s.p.elsewhere(fn); other != "" {
		return s.unknown(f, pos, "calls @ "+typeName(fn)+", which may be that of "+other)
	}
	found := false
	for _, m := range s.p.methods[fn.Name()] {
		if m.body == nil || !s.p.implements(m, fn) {
			continue
		}
		found = true
		if d := s.enter(&frame{fn: m, up: f, call: call}, pos); d != nil {
			return d
		}
	}
	if !found {
		if s.givenContext(call, f) {
			return nil
		}
		return s.unknown(f, pos, "calls @ "+typeName(fn)+", an interface method that nothing in the program has")
	}
	return nil
}

// implements reports whether a method of the program can be what the method of
// an interface stands for.
func (p *Program) implements(m *function, abstract *types.Func) bool {
	recv := abstract.Signature().Recv()
	if recv == nil || m.recv == nil && m.obj.Signature().Recv() == nil {
		return false
	}
	iface, ok := recv.Type().Underlying().(*types.Interface)
	t := m.obj.Signature().Recv().Type()
	named := namedOf(t)
	if !ok || named == nil {
		return false
	}
	if named.TypeParams().Len() > 0 || p.embedded[named.Obj()] || hasTypeParams(recv.Type()) {
		return m.obj.Signature().Params().Len() == abstract.Signature().Params().Len()
	}
	return types.Implements(types.NewPointer(named), iface)
}

func hasTypeParams(t types.Type) bool {
	named := namedOf(t)
	return named != nil && named.TypeArgs().Len() > 0
}

// isAbstract reports whether fn is a method of an interface.
func isAbstract(fn *types.Func) bool {
	recv := fn.Signature().Recv()
	return recv != nil && types.IsInterface(recv.Type())
}
