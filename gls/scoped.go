package gls

import "github.com/seed18162548/contextvars/internal/inner"

// A Binding is a variable and a value for [With] to bind it to. The zero
// Binding binds nothing.
type Binding struct {
	set func() (reset func())
}

// Bind returns the binding of v to x, for [With]. It changes nothing by itself.
func (v *Var[T]) Bind(x T) Binding {
	return Binding{func() func() { return v.Set(x).Reset }}
}

// With makes the bindings bs, calls f, and undoes them, even if f panics or
// calls [runtime.Goexit]. If bs binds a variable more than once, the last value
// wins. With panics with [ErrNilFunc] if f is nil. The idea is from Clojure's
// binding form.
func With(f func(), bs ...Binding) {
	inner.MustFunc("With", f == nil)
	for _, b := range bs {
		if b.set != nil {
			defer b.set()()
		}
	}
	f()
}
