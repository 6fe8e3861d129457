package gls

import (
	"strconv"

	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/registry"
)

// A Token undoes one [Var.Set]. It is a value: copies share whether it was used.
// The zero Token is of no use; resetting it is [ErrTokenZero].
//
// A token belongs to the Context in which the Set was made, not to a goroutine:
// any goroutine that is in that Context may reset it, and nobody elsewhere. The
// base Context of a goroutine keeps its identity for the goroutine's life. A
// token keeps alive the value that it set and the bindings that were there
// before. It is contextvars.Token.
type Token[T any] struct {
	v        *Var[T]
	set      *binding.Of[T]  // what the Set bound, nil in the zero Token
	replaced *binding.Cell   // v's binding before, if set took its place in front
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
// [ErrTokenContext]. It is ContextVar.reset.
func (v *Var[T]) Reset(t Token[T]) {
	if err := v.TryReset(t); err != nil {
		panic(err)
	}
}

// Reset is t.Var().Reset(t). It is Python's "with var.set(x):" leaving its block.
func (t Token[T]) Reset() { t.v.Reset(t) }

// TryReset is [Var.Reset] that returns the error instead of panicking. A reset
// that fails does not use the token up.
func (v *Var[T]) TryReset(t Token[T]) error {
	switch {
	case t.set == nil:
		return misuse(ErrTokenZero, "reset by goroutine ", goroutine.ID(), v.label())
	case t.set.Used():
		return t.misuse(ErrTokenUsed)
	case t.v != v:
		err := t.misuse(ErrTokenVar)
		err.text += ": it cannot reset " + v.String()
		return err
	}
	s := registry.Mine()
	if s == nil {
		return t.resetAbsent()
	}
	sc := s.Current.Load()
	if t.in != sc && (t.in != nil || sc.Who.Load() != t.by) {
		return t.misuse(ErrTokenContext)
	}
	t.set.Use()
	root := sc.Root.Load()
	switch {
	case root != &t.set.Cell:
		root = binding.Restore(root, v.key, t.before())
	case t.replaced != nil:
		root = t.replaced
	default:
		root = t.set.Before()
	}
	sc.Root.Store(root)
	if root == nil {
		current.LeaveIfIdle(s)
	}
	return nil
}

// resetAbsent resets t in a goroutine that holds nothing: it is in its base
// Context, which is empty.
func (t Token[T]) resetAbsent() error {
	if t.in != nil || t.by != goroutine.ID() {
		return t.misuse(ErrTokenContext)
	}
	t.set.Use()
	if old := t.before(); old != nil {
		registry.Join().Root.Store(binding.Restore(nil, t.v.key, old))
	}
	return nil
}

// before returns the binding that the Set found, or nil. t must not be zero.
func (t Token[T]) before() *binding.Cell {
	if t.replaced != nil {
		return t.replaced
	}
	return t.set.Before().Find(t.v.key)
}

// Var returns the variable that was set, nil for the zero Token. It is Token.var.
func (t Token[T]) Var() *Var[T] { return t.v }

// Old returns the value that was bound before the Set and reports whether there
// was one; a default does not count. It is Token.old_value, !ok being MISSING.
func (t Token[T]) Old() (x T, ok bool) {
	if t.set == nil {
		return x, false
	}
	if b := t.v.of(t.before()); b != nil {
		return b.X, true
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
		return "gls.Token(" + strconv.Quote(t.v.name) + ", used)"
	default:
		return "gls.Token(" + strconv.Quote(t.v.name) + ")"
	}
}

// GoString is String, so that %#v shows no secrets either.
func (t Token[T]) GoString() string { return t.String() }
