package current

import (
	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/registry"
)

// Unset unbinds key in the current Context and returns what Undo needs: the
// binding that was there, or nil, and the Context as Put returns it. c is a new
// cell for the token, which is not part of a map. Unset makes no entry, and
// removes the entry if no binding is left.
func Unset(key binding.Key, c *binding.Cell) (old *binding.Cell, in *registry.Scope, by int64) {
	c.Link(key, false, nil, binding.FormPlain)
	s := registry.Lookup()
	if s == nil {
		return nil, nil, goroutine.ID()
	}
	sc := s.Current()
	if b := sc.Borrowed(); b != nil {
		return unsetBorrowed(b, key)
	}
	by, base := sc.Owner()
	if !base {
		in = sc
	}
	if old = sc.Root().Find(key); old == nil {
		return nil, in, by
	}
	root := binding.Without(sc.Root(), key)
	sc.SetRoot(root)
	if root == nil && s.Idle() {
		s.Remove()
	}
	return old, in, by
}

// unsetBorrowed is like Unset for a current Scope that is borrowed.
func unsetBorrowed(b *registry.Borrowed, key binding.Key) (old *binding.Cell, in *registry.Scope, by int64) {
	if mu := b.Lock(); mu != nil {
		defer mu.Unlock()
	}
	if old = b.Root().Find(key); old != nil {
		b.SetRoot(binding.Without(b.Root(), key))
	}
	in, by = b.Identity()
	return old, in, by
}
