package gls

import "github.com/seed18162548/contextvars/internal/hook"

// An Option configures a variable at [New]. The zero Option changes nothing.
type Option[T any] struct {
	apply func(*Var[T])
}

// Default sets the default of the variable, which [Var.Get] and [Var.MustGet]
// return while it is unbound. The default is not stored in any Context, so
// [Var.Lookup], [Var.In], [Context.Has], [Context.All], [Context.Len] and
// [Context.Equal] do not see it. All goroutines share x: it should not be a map
// or a pointer that they would write to. In Python: ContextVar(name,
// default=x).
func Default[T any](x T) Option[T] {
	return Option[T]{func(v *Var[T]) { v.fallback.X, v.compute, v.hasDefault = x, nil, true }}
}

// DefaultFunc sets a function that computes the default of the variable.
// [Var.Get] and [Var.MustGet] call f whenever the variable is unbound, and do
// not bind the result. f runs on the caller's goroutine, without a lock held,
// and may use variables itself. If several defaults are given, the last one
// wins. DefaultFunc panics with [ErrNilFunc] if f is nil.
func DefaultFunc[T any](f func() T) Option[T] {
	hook.MustFunc("DefaultFunc", f == nil)
	return Option[T]{func(v *Var[T]) {
		var zero T
		v.fallback.X, v.compute, v.hasDefault = zero, f, true
	}}
}

// NoInherit makes the variable start out unbound in goroutines that package
// spawn or glstest.Run starts. It is for values that concurrent goroutines must
// not share, such as a transaction, a lock or a session.
//
// [CopyContext], [Context.Copy], the Wrap functions, [Into] and explicit
// contexts (spawn.GoIn, spawn.StartIn) keep such bindings: code that names a
// whole Context gets all of it. NoInherit takes precedence over [OnFork].
func NoInherit[T any]() Option[T] {
	return Option[T]{func(v *Var[T]) { v.private = true }}
}

// OnFork sets a function that computes what goroutines started by package spawn
// or glstest.Run inherit: there, the variable is bound to f(value). f is called
// once per start, on the parent goroutine, before the new one runs, and only if
// the variable is bound. As with [NoInherit], explicit contexts and copies keep
// the value as it is. OnFork panics with [ErrNilFunc] if f is nil. The idea is
// from ZIO's FiberRef.
func OnFork[T any](f func(parent T) T) Option[T] {
	hook.MustFunc("OnFork", f == nil)
	return Option[T]{func(v *Var[T]) { v.fork = f }}
}
