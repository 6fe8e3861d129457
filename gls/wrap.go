package gls

import (
	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/inner"
	"github.com/seed18162548/contextvars/internal/observe"
)

// Wrap returns a function that calls f with the bindings that are current now,
// wherever and whenever it is called: in a pool, a callback, a timer, a plain
// go statement. The capture is complete: spawn policies do not apply. Every
// call runs f in a copy of its own, so calls may overlap or recurse, see none
// of each other's Sets and leak none to the caller. Bindings are replaced, not
// merged: what is unbound now is unbound inside. A nil f panics with
// [ErrNilFunc], here.
//
// In Python: functools.partial(copy_context().run, f), which makes no copy per
// call.
func Wrap(f func()) func() {
	inner.MustFunc("Wrap", f == nil)
	if observe.On {
		work, in := f, observe.Mark()
		f = func() { in(work) }
	}
	root := current.Capture()
	return func() { contextOf(root).Run(f) }
}

// WrapErr is like [Wrap], for functions that return an error, as errgroup
// takes them.
func WrapErr(f func() error) func() error {
	inner.MustFunc("WrapErr", f == nil)
	if observe.On {
		work, in := f, observe.Mark()
		f = func() (err error) {
			in(func() { err = work() })
			return err
		}
	}
	root := current.Capture()
	return func() error { return Call(contextOf(root), f) }
}

// Wrap1 is like [Wrap], for functions with one parameter.
func Wrap1[A any](f func(A)) func(A) {
	inner.MustFunc("Wrap1", f == nil)
	if observe.On {
		work, in := f, observe.Mark()
		f = func(a A) { in(func() { work(a) }) }
	}
	root := current.Capture()
	return func(a A) { contextOf(root).Run(func() { f(a) }) }
}
