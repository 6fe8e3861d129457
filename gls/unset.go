package gls

import (
	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/current"
)

// Unset unbinds v in the current Context and returns a token that undoes this.
// From then on it is as if v had never been bound there: [Var.Get] returns the
// default, and [Var.Lookup], [Var.In], [Context.Has], [Context.All],
// [Context.Len], [Context.Equal] and spawned goroutines find nothing.
// [Token.Old] returns the value that v was bound to; resetting the token binds
// v to it again.
//
// Unset of the last binding leaves no state behind, and Unset in a goroutine
// without state creates none. It costs one allocation for the token, and copies
// the bindings that were made after v's. It panics if [New] did not make v.
// Python's ContextVar has no such method; it would be "del".
func (v *Var[T]) Unset() Token[T] {
	key := v.getQuery.Key
	if key == 0 {
		panic(called(errNoVar, "Unset"))
	}
	var zero T
	b := v.newBinding(zero, 0, binding.FormPlain)
	old, in, by := current.Unset(key, &b.Cell)
	return Token[T]{b, old, in, by}
}
