package gls

import (
	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/hook"
	"github.com/seed18162548/contextvars/internal/registry"
)

// A Context is a set of bindings that functions can run in. The zero Context is
// empty and ready for use. A Context must not be copied by assignment; use
// [Context.Copy].
//
// At most one goroutine is in a Context at any time; others may read it
// meanwhile. What one goroutine sets in a Context happens before the function
// that the next goroutine runs in it. In Python: contextvars.Context.
type Context struct {
	c registry.Context
}

// NewContext returns an empty Context. In Python: Context().
func NewContext() *Context { return new(Context) }

// CopyContext returns a copy of the current Context. The copy is shallow,
// includes all bindings regardless of [NoInherit] and [OnFork], and is
// independent of the original from then on. It creates no other state. It costs
// one allocation, however many bindings there are. Where the last eight Sets
// were of different variables it may first compact the bindings, which takes
// some 20 allocations. In Python: copy_context().
func CopyContext() *Context { return contextOf(current.Capture()) }

// ForkContext returns a new Context with the bindings that a goroutine would
// inherit if spawn.Go started it now: the current ones, after the variables'
// policies ([NoInherit], [OnFork]) were applied. It calls each OnFork function
// once. It is for packages that have their own ways of starting goroutines.
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

// Copy returns a copy of c, which no goroutine is in. It may be called at any
// time and from any goroutine, even while c is entered. It costs one
// allocation. In Python: Context.copy().
func (c *Context) Copy() *Context { return contextOf(c.root()) }

// Run calls f in c: f sees c's bindings and no others, and what f sets is
// stored in c and stays there. Afterwards the previous Context becomes current
// again, whether f returns, panics or calls [runtime.Goexit]; Run does not
// recover panics. Run may be called again later, from any goroutine.
//
// Run panics with [ErrNilFunc] if f is nil, and with [ErrEntered] if a
// goroutine, this one or another, is in c already; in both cases it changes
// nothing. Of several simultaneous calls one succeeds. In Python: Context.run.
func (c *Context) Run(f func()) {
	if err := c.TryRun(f); err != nil {
		panic(err)
	}
}

// TryRun is like [Context.Run] but returns [ErrNilFunc] or [ErrEntered] instead
// of panicking. Panics of f pass through.
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

// Call is like [Context.Run] but returns the result of f.
func Call[R any](c *Context, f func() R) (r R) {
	hook.MustFunc("Call", f == nil)
	c.Run(func() { r = f() })
	return r
}

// Isolate calls f in a new, empty Context, which it drops afterwards. It is for
// code that the runtime or a library calls on a goroutine that is not its own:
// finalizers, cleanups, loaders of caches, jobs of pools, and above all
// functions exported to C. All threads that C created share one goroutine ID,
// so without Isolate one thread's callback sees what another's sets. Isolate
// panics with [ErrNilFunc] if f is nil.
func Isolate(f func()) {
	hook.MustFunc("Isolate", f == nil)
	NewContext().Run(f)
}

// Enter makes c the current Context until exit is called. It is for code that
// has a beginning and an end but no function in between, such as tests with
// cleanups. It panics with [ErrEntered] as [Context.Run] does.
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

// Release drops all bindings of the calling goroutine's base Context. It is for
// workers of pools, at the end of a job. In a Context that was entered, Release
// empties only the base Context underneath. Tokens stay valid: a Reset restores
// what preceded its Set.
func Release() { current.Release() }
