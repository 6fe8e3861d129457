package gls

import (
	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/hook"
	"github.com/seed18162548/contextvars/internal/registry"
)

func init() {
	hook.Context = func(c any) *registry.Context { return &c.(*Context).c }
	hook.Entered = entered
	hook.NilFunc = nilFunc
	hook.Misuse = called
	hook.Binding = func(v any) *binding.Cell {
		s := registry.Lookup()
		if s == nil {
			return nil
		}
		return s.Current().Root().Find(v.(AnyVar).number())
	}
	hook.Private = func(v any) bool { return v.(AnyVar).isPrivate() }
}
