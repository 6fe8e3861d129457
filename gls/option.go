package gls

import "github.com/seed18162548/contextvars/internal/inner"

// An Option configures a variable at [New]. The zero Option changes nothing.
type Option[T any] struct {
	apply func(*Var[T])
}

// Default gives the variable a default: what [Var.Get] and [Var.MustGet]
// return where it is not bound. The default is stored in no Context, so
// [Var.Lookup], [Var.In], [Context.Has], [Context.All], [Context.Len] and
// [Context.Equal] do not see it. Every goroutine gets the same x: a map or a
// pointer is shared by all. In Python: ContextVar(name, default=x).
func Default[T any](x T) Option[T] {
	return Option[T]{func(v *Var[T]) { v.fallback.X, v.compute, v.hasDefault = x, nil, true }}
}

// DefaultFunc gives the variable a computed default: f is called whenever
// [Var.Get] or [Var.MustGet] finds it unbound. The result is not bound. f runs
// on the caller's goroutine, with no lock held, and may use variables itself. A
// nil f panics with [ErrNilFunc]. Of several defaults the last counts.
func DefaultFunc[T any](f func() T) Option[T] {
	inner.MustFunc("DefaultFunc", f == nil)
	return Option[T]{func(v *Var[T]) {
		var zero T
		v.fallback.X, v.compute, v.hasDefault = zero, f, true
	}}
}

// NoInherit keeps bindings of the variable from goroutines that package spawn
// or glstest.Run start: they begin unbound. It is for what must not be shared
// with a concurrent goroutine: a live transaction, a lock, a session.
//
// [CopyContext], [Context.Copy], the Wrap functions, [Into] and explicit
// contexts (spawn.GoIn, spawn.StartIn) keep such bindings: code that names a
// whole Context gets all of it. NoInherit beats [OnFork].
func NoInherit[T any]() Option[T] {
	return Option[T]{func(v *Var[T]) { v.private = true }}
}

// OnFork sets a function f that maps the value for goroutines that package
// spawn or glstest.Run start: they bind the variable to f(value). f is called
// once per start, on the parent goroutine, before the new one runs, and not at
// all where the variable is unbound. As with [NoInherit], explicit contexts
// and copies keep the value as it is. A nil f panics with [ErrNilFunc]. After
// ZIO's FiberRef.
func OnFork[T any](f func(parent T) T) Option[T] {
	inner.MustFunc("OnFork", f == nil)
	return Option[T]{func(v *Var[T]) { v.fork = f }}
}
