package spawn

import (
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/hook"
	"github.com/seed18162548/contextvars/internal/registry"
)

// Go calls f in a new goroutine whose base Context is a copy of the caller's
// current Context, taken before Go returns, after the policies of variables
// ([gls.NoInherit], [gls.OnFork]) were applied. What either side sets
// afterwards is invisible to the other. When f returns, panics or calls
// [runtime.Goexit], the bindings are dropped. A panic in f crashes the program
// as it would under a plain go statement, with its original trace.
//
// Go panics with [gls.ErrNilFunc] if f is nil. Compared with a go statement, Go
// costs at most two more allocations, except where [gls.CopyContext] costs more
// than one, and locks one shard when f starts and again when it ends. In
// Python: asyncio.create_task.
func Go(f func()) {
	hook.MustFunc("spawn.Go", f == nil)
	start(current.Fork(), f)
}

// start calls f in a new goroutine whose base Context has the bindings of root.
func start(root *binding.Cell, f func()) {
	go inherited(root, registry.Traced(f))
}

// inherited calls f with root as the base Context of the calling goroutine,
// which must be new, and drops it afterwards.
func inherited(root *binding.Cell, f func()) {
	defer current.Cleanup()
	current.Inherit(root)
	f()
}

// Detached calls f in a new goroutine with an empty Context. It captures none
// of the caller's bindings, so they can be collected however long f runs. It is
// for goroutines that outlive the work that happens to start them. Detached
// panics with [gls.ErrNilFunc] if f is nil.
func Detached(f func()) {
	hook.MustFunc("spawn.Detached", f == nil)
	start(nil, f)
}

// GoIn calls f in a new goroutine in c itself: what f sets stays in c. c is
// entered before GoIn returns, and left when f ends. If c is entered already,
// GoIn panics with [gls.ErrEntered] and starts nothing. f sees all bindings of
// c: the policies of variables do not apply. GoIn panics with [gls.ErrNilFunc]
// if f is nil. In Python: create_task(…, context=c).
func GoIn(c *gls.Context, f func()) {
	hook.MustFunc("spawn.GoIn", f == nil)
	in := reserve(c)
	go within(in, registry.Traced(f))
}

// reserve enters c on behalf of a goroutine that is about to start. It panics
// with gls.ErrEntered if it cannot.
func reserve(c *gls.Context) *registry.Context {
	in := hook.Context(c)
	if holder, ok := current.Reserve(in); !ok {
		panic(hook.Entered("spawned", holder))
	}
	return in
}

// within calls f in c, which must be reserved for the calling goroutine, and
// leaves it afterwards.
func within(c *registry.Context, f func()) {
	current.EnterReserved(c)
	defer current.ExitAndRemove(c)
	f()
}
