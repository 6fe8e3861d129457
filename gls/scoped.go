package gls

import "github.com/seed18162548/contextvars/internal/inner"

// A Binding is a variable together with the value that [With] is to bind it to.
// The zero Binding binds nothing.
type Binding struct {
	set func() (reset func())
}

// Bind returns the binding of v to x, for [With]. It changes nothing by itself.
func (v *Var[T]) Bind(x T) Binding {
	return Binding{func() func() { return v.Set(x).Reset }}
}

// With binds all of bs, calls f, and resets them all, also if f panics or calls
// [runtime.Goexit]. Of several bindings of one variable the last wins. A nil f
// panics with [ErrNilFunc]. After Clojure's binding form.
func With(f func(), bs ...Binding) {
	inner.MustFunc("With", f == nil)
	for _, b := range bs {
		if b.set != nil {
			defer b.set()()
		}
	}
	f()
}
