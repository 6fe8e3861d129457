package gls

import (
	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/hook"
	"github.com/seed18162548/contextvars/internal/registry"
)

// A Binding is a variable and a value for [With] to bind it to. The zero
// Binding binds nothing.
type Binding struct {
	set func() change
}

// Bind returns the binding of v to x, for [With]. It changes nothing by itself.
func (v *Var[T]) Bind(x T) Binding {
	return Binding{func() change {
		t := v.Set(x)
		return change{&t.set.Cell, t.replaced, t.in, t.by}
	}}
}

// With makes the bindings bs, calls f, and undoes them, even if f panics or
// calls [runtime.Goexit]. If bs binds a variable more than once, the last value
// wins. For up to four bindings it costs what their Sets cost. With panics with
// [ErrNilFunc] if f is nil. The idea is from Clojure's binding form.
func With(f func(), bs ...Binding) {
	hook.MustFunc("With", f == nil)
	var few [4]change
	made := few[:0]
	defer func() { undoAll(made) }()
	for _, b := range bs {
		if b.set != nil {
			made = append(made, b.set())
		}
	}
	f()
}

// A change is a Token that does not say what the type of its variable is. It
// stays with With, so it is used once, and only as what it is.
type change struct {
	set, replaced *binding.Cell
	in            *registry.Scope
	by            int64
}

// undoAll resets the changes, the last one first. If one cannot be reset, it
// panics, as Token.Reset does, once the others have been.
func undoAll(cs []change) {
	for i := len(cs) - 1; i >= 0; i-- {
		c := cs[i]
		if outcome := current.Undo(c.set.Key(), c.set, c.replaced, c.in, c.by); outcome != current.Done {
			failUndo(cs[:i], c, outcome)
		}
	}
}

// failUndo panics because of c, after the rest has been reset.
func failUndo(rest []change, c change, outcome current.Outcome) {
	defer undoAll(rest)
	panic(varOf(c.set).misuseOf(c, outcome))
}
