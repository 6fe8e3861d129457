package gls

import (
	"strconv"
	"unsafe"

	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/registry"
)

// A Token undoes one [Var.Set] or [Var.Unset]. It is a value: copies share
// whether it was used. Resetting the zero Token panics with [ErrTokenZero].
//
// A token belongs to the Context in which the Set was made, not to a
// goroutine: any goroutine that is in that Context may reset it, and nobody
// elsewhere. The base Context of a goroutine keeps its identity for the
// goroutine's life. A token keeps alive the value that it set and the bindings
// that were there before. In Python: contextvars.Token.
type Token[T any] struct {
	// Four words: the compiler keeps no larger struct in registers.

	set      *binding.Of[T]  // what the Set bound, or a cell that is in no map; nil in the zero Token
	replaced *binding.Cell   // the variable's binding before, if set took its place in front, or after Unset
	in       *registry.Scope // the explicit Context, nil for a base Context
	by       int64           // the goroutine whose base Context it is, or which was in in
}

// Reset undoes the Set that made t: v is bound again to what it was bound to
// just before, or unbound, whatever was set since. Tokens may be reset in any
// order, each once. In order, that is restoring a pointer; out of order it
// copies a few cells. The last Reset of a goroutine leaves no state behind.
//
// Misuse panics, before anything changes, with an error that is, in this order
// of checks, [ErrTokenZero], [ErrTokenUsed], [ErrTokenVar] or
// [ErrTokenContext]. In Python: ContextVar.reset.
func (v *Var[T]) Reset(t Token[T]) {
	if outcome := t.undo(v.getQuery.Key); outcome != current.Done {
		panic(v.misuse(t, outcome))
	}
}

// TryReset is like [Var.Reset] but returns the error instead of panicking. A
// reset that fails does not use the token up.
func (v *Var[T]) TryReset(t Token[T]) error {
	if outcome := t.undo(v.getQuery.Key); outcome != current.Done {
		return v.misuse(t, outcome)
	}
	return nil
}

// Reset is t.Var().Reset(t). In Python: leaving the block of "with
// var.set(x):".
func (t Token[T]) Reset() {
	if t.set == nil {
		panic((*Var[T])(nil).misuse(t, current.NothingSet))
	}
	if outcome := t.undo(t.set.Key()); outcome != current.Done {
		panic(t.Var().misuse(t, outcome))
	}
}

func (t Token[T]) undo(key binding.Key) current.Outcome {
	return current.Undo(key, (*binding.Cell)(unsafe.Pointer(t.set)), t.replaced, t.in, t.by)
}

// Var returns the variable that was set, nil for the zero Token. In Python:
// Token.var.
func (t Token[T]) Var() *Var[T] {
	if t.set == nil {
		return nil
	}
	return binding.VariableOf(t.set.Key()).Owner.(*Var[T])
}

// Old returns the value that was bound before the Set and reports whether
// there was one; a default does not count. In Python: Token.old_value; !ok
// stands for MISSING.
func (t Token[T]) Old() (x T, ok bool) {
	if t.set == nil {
		return x, false
	}
	if c := current.Before(&t.set.Cell, t.replaced); c != nil {
		return (*Var[T])(nil).of(c).X, true
	}
	return x, false
}

// Used reports whether t, or a copy of it, was reset.
func (t Token[T]) Used() bool { return t.set != nil && t.set.Used() }

// String returns a form for people, without any value.
func (t Token[T]) String() string {
	switch {
	case t.set == nil:
		return "gls.Token{}"
	case t.Used():
		return "gls.Token(" + strconv.Quote(t.Var().name) + ", used)"
	default:
		return "gls.Token(" + strconv.Quote(t.Var().name) + ")"
	}
}

// GoString is String, so that %#v shows no secrets either.
func (t Token[T]) GoString() string { return t.String() }
