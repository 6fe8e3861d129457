package gls

import (
	"strconv"
	"unsafe"

	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/registry"
)

// A Token undoes one [Var.Set] or [Var.Unset]. Tokens may be copied; once a
// token is used, so are all its copies. Resetting the zero Token panics with
// [ErrTokenZero].
//
// A token belongs to the Context in which the Set was made, not to a goroutine:
// a goroutine may reset it if it is in that Context, and only then. A goroutine
// has the same base Context for its whole life. A token keeps alive the value
// that it set and the bindings that it replaced. In Python: contextvars.Token.
type Token[T any] struct {
	// Four words is the largest struct that the compiler keeps in registers.

	set      *binding.Of[T]  // what the Set bound, or a cell that is in no map; nil in the zero Token
	replaced *binding.Cell   // the variable's binding before, if set took its place in front, or after Unset
	in       *registry.Scope // the explicit Context, nil for a base Context
	by       int64           // the goroutine whose base Context it is, or which was in in
}

// Reset undoes the Set that returned t: it binds v to what v was bound to just
// before that Set, or unbinds it, whatever was set since. Tokens may be reset
// in any order, each once. A Reset in reverse order of the Sets restores a
// pointer; in any other order it copies a few cells. The last Reset of a
// goroutine leaves no state behind.
//
// Misuse panics before anything changes. The error wraps the first of these
// that applies: [ErrTokenZero], [ErrTokenUsed], [ErrTokenVar],
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

// Reset is shorthand for t.Var().Reset(t). In Python: leaving the block of
// "with var.set(x):".
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

// Var returns the variable that was set, or nil for the zero Token. In Python:
// Token.var.
func (t Token[T]) Var() *Var[T] {
	if t.set == nil {
		return nil
	}
	return binding.VariableOf(t.set.Key()).Owner.(*Var[T])
}

// Old returns the value that the variable was bound to before the Set and
// reports whether it was bound; a default does not count. In Python:
// Token.old_value, with MISSING for !ok.
func (t Token[T]) Old() (x T, ok bool) {
	if t.set == nil {
		return x, false
	}
	if c := current.Before(&t.set.Cell, t.replaced); c != nil {
		return (*Var[T])(nil).of(c).X, true
	}
	return x, false
}

// Used reports whether t or a copy of it was reset.
func (t Token[T]) Used() bool { return t.set != nil && t.set.Used() }

// String returns a description that contains no value.
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

// GoString is like [Token.String], so that %#v prints no secrets either.
func (t Token[T]) GoString() string { return t.String() }
