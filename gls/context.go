package gls

import (
	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/inner"
	"github.com/seed18162548/contextvars/internal/registry"
)

// A Context is a set of bindings that functions can run in. The zero Context is
// empty and ready for use. A Context must not be copied with =; [Context.Copy]
// does that.
//
// At most one goroutine is in a Context at any time; the others may read it
// meanwhile. What one goroutine sets there happens before the function that
// the next one runs there. In Python: contextvars.Context.
type Context struct {
	c registry.Context
}

// NewContext returns an empty Context. In Python: Context().
func NewContext() *Context { return new(Context) }

// CopyContext returns a copy of the current Context: all bindings, shallow,
// NoInherit and OnFork notwithstanding, independent from then on. It costs one
// allocation, however many bindings there are, and creates no other state. In
// Python: copy_context().
func CopyContext() *Context { return contextOf(current.Capture()) }

// ForkContext returns a new Context with the bindings that a goroutine started
// by spawn.Go now would inherit: the current ones, with the policies of
// variables ([NoInherit], [OnFork]) applied. It calls each OnFork function
// once. It is for packages that start goroutines in ways of their own.
func ForkContext() *Context { return contextOf(current.Fork()) }

// contextOf returns a Context with the bindings of root.
func contextOf(root *binding.Cell) *Context {
	c := new(Context)
	if root != nil {
		c.c.SetRoot(root)
	}
	return c
}

func (c *Context) root() *binding.Cell { return c.c.Root() }

// Copy returns a copy of c, which is not entered. It may be called at any
// time, from any goroutine, also while c is entered. It costs one allocation.
// In Python: Context.copy().
func (c *Context) Copy() *Context { return contextOf(c.root()) }

// Run calls f in c: f sees c's bindings and no others, and what it sets goes
// into c and stays there. Afterwards the previous Context becomes current
// again, whether f returns, panics or calls [runtime.Goexit]; a panic passes
// through as it is. c may be run again later, from any goroutine.
//
// If f is nil, Run panics with [ErrNilFunc]; if a goroutine is in c already,
// this one or another, with [ErrEntered]. Nothing has changed then. Of several
// simultaneous calls one wins. In Python: Context.run.
func (c *Context) Run(f func()) {
	if err := c.TryRun(f); err != nil {
		panic(err)
	}
}

// TryRun is like [Context.Run] but returns these errors instead of panicking.
// Panics of f are not errors of TryRun.
func (c *Context) TryRun(f func()) error {
	if f == nil {
		return nilFunc("Context.Run")
	}
	if holder, ok := current.Enter(&c.c); !ok {
		return entered("run", holder)
	}
	defer current.Exit(&c.c)
	f()
	return nil
}

// Call is like [Context.Run], for a function with a result.
func Call[R any](c *Context, f func() R) (r R) {
	inner.MustFunc("Call", f == nil)
	c.Run(func() { r = f() })
	return r
}

// Isolate calls f in a new, empty Context, which it drops afterwards. It is for
// code that the runtime or a library calls on a goroutine that is not its own:
// finalizers, cleanups, loaders of caches, jobs of pools, and above all
// functions exported to C, because all threads that C created share one
// goroutine ID: without Isolate, one thread's Set is seen in another's
// callback. A nil f panics with [ErrNilFunc].
func Isolate(f func()) {
	inner.MustFunc("Isolate", f == nil)
	NewContext().Run(f)
}

// Enter makes c the current Context until exit is called, for code that has a
// beginning and an end but no function in between, as middleware and cleanups
// of tests do. It panics with [ErrEntered] as [Context.Run] does.
//
// exit must be called once, by the goroutine that called Enter, while c is its
// current Context; otherwise it panics with [ErrExit] and changes nothing. A
// Context whose goroutine ends without exit stays entered.
func (c *Context) Enter() (exit func()) {
	id, ok := current.Enter(&c.c)
	if !ok {
		panic(entered("entered", id))
	}
	exited := false // only goroutine id touches it
	return func() {
		if caller := goroutine.ID(); caller != id || exited || !current.IsIn(&c.c) {
			panic(misuse(ErrExit, "entered by goroutine ", id, ", exit called by goroutine ", caller))
		}
		exited = true
		current.Exit(&c.c)
	}
}

// Release drops all bindings of the calling goroutine's base Context, as a
// pooled worker does at the end of a job. In a Context that was entered only
// the base underneath is emptied. Tokens stay valid: a reset restores what
// preceded its Set.
func Release() { current.Release() }
