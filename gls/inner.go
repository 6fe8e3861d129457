package gls

import (
	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/inner"
	"github.com/seed18162548/contextvars/internal/registry"
)

func init() {
	inner.Context = func(c any) *registry.Context { return &c.(*Context).c }
	inner.Entered = entered
	inner.NilFunc = nilFunc
	inner.Binding = func(v any) *binding.Cell {
		s := registry.Lookup()
		if s == nil {
			return nil
		}
		return s.Current().Root().Find(v.(AnyVar).number())
	}
	inner.Private = func(v any) bool { return v.(AnyVar).isPrivate() }
}
