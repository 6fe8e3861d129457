package gls

import (
	"errors"

	"github.com/seed18162548/contextvars/internal/current"
)

// Unset unbinds v in the current Context and returns the token that undoes it.
// From then on it is as if v had never been bound there: [Var.Get] returns the
// default, and [Var.Lookup], [Var.In], [Context.Has], [Context.All],
// [Context.Len], [Context.Equal] and spawned goroutines find nothing.
// [Token.Old] returns the value that was bound; the Reset of the token binds v
// to it again.
//
// Unset of the last binding leaves no state behind, and Unset in a goroutine
// without state creates none. It costs one allocation for the token, and copies
// the bindings that were made after v's. On a Var that [New] did not make it
// panics. It is what "del" would be for Python's ContextVar, which has none.
func (v *Var[T]) Unset() Token[T] {
	key := v.getQuery.Key
	if key == 0 {
		panic(errors.New("gls: Unset of a variable that New did not make"))
	}
	var zero T
	b := v.newBinding(zero, 0, false)
	old, in, by := current.Unset(key, &b.Cell)
	return Token[T]{b, old, in, by}
}
