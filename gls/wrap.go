package gls

import (
	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/hook"
	"github.com/seed18162548/contextvars/internal/observe"
)

// Wrap returns a function that calls f with the bindings that are current now,
// wherever and whenever it is called: in a pool, a callback, a timer or a plain
// go statement. The capture is complete: spawn policies do not apply. Every
// call runs f in its own copy, so calls may overlap or recurse, and neither
// each other nor the caller sees what they set. The bindings of the caller are
// replaced, not merged with: what is unbound now is unbound in f. Wrap panics
// with [ErrNilFunc] if f is nil.
//
// In Python: functools.partial(copy_context().run, f), which makes no copy per
// call.
func Wrap(f func()) func() {
	hook.MustFunc("Wrap", f == nil)
	if observe.On {
		work, in := f, observe.Mark()
		f = func() { in(work) }
	}
	root := current.Capture()
	return func() { contextOf(root).Run(f) }
}

// WrapErr is like [Wrap], for functions that return an error, such as those for
// errgroup.Group.Go.
func WrapErr(f func() error) func() error {
	hook.MustFunc("WrapErr", f == nil)
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
	hook.MustFunc("Wrap1", f == nil)
	if observe.On {
		work, in := f, observe.Mark()
		f = func(a A) { in(func() { work(a) }) }
	}
	root := current.Capture()
	return func(a A) { contextOf(root).Run(func() { f(a) }) }
}
