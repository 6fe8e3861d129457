package gls

import (
	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/inner"
	"github.com/seed18162548/contextvars/internal/registry"
)

func init() {
	inner.Context = func(c any) *registry.Context { return &c.(*Context).c }
	inner.Entered = entered
	inner.NilFunc = nilFunc
	inner.Binding = func(v any) *binding.Cell {
		s := registry.Mine()
		if s == nil {
			return nil
		}
		return s.Current.Load().Root.Load().Find(v.(AnyVar).number())
	}
	inner.Unbind = func(v any) {
		s := registry.Mine()
		if s == nil {
			return
		}
		scope := s.Current.Load()
		root := binding.Without(scope.Root.Load(), v.(AnyVar).number())
		scope.Root.Store(root)
		if root == nil {
			current.LeaveIfIdle(s)
		}
	}
	inner.Private = func(v any) bool { return v.(AnyVar).isPrivate() }
}
