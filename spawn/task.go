package spawn

import (
	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/hook"
	"github.com/seed18162548/contextvars/internal/registry"
)

// A Task is a function that runs in its own goroutine and Context and has a
// result to wait for. Its methods may be called from any goroutine, any number
// of times. In Python: asyncio.Task.
type Task[T any] struct {
	context *gls.Context
	done    chan struct{}

	// The result, written before done is closed.
	value T
	err   error
}

// Start calls f in a new goroutine with bindings as [Go] does, and returns a
// Task to wait for its result. What f sets is not merged back; [Task.Context]
// has it. A panic in f crashes the program. Start panics with [gls.ErrNilFunc]
// if f is nil. In Python: asyncio.create_task, and to_thread.
func Start[T any](f func() (T, error)) *Task[T] {
	hook.MustFunc("spawn.Start", f == nil)
	c, in := fork()
	return startIn(c, in, registry.TracedTask(f))
}

// fork returns a new Context with what a goroutine inherits that is started
// now, and the inside of it, reserved for that goroutine.
func fork() (*gls.Context, *registry.Context) {
	c := gls.NewContext()
	in := hook.Context(c)
	in.SetRoot(current.Fork())
	current.Reserve(in) // nobody else knows c: it succeeds
	return c, in
}

// StartIn is like [Start] but f runs in c itself, as with [GoIn]. It panics
// with [gls.ErrEntered] if c is entered already.
func StartIn[T any](c *gls.Context, f func() (T, error)) *Task[T] {
	hook.MustFunc("spawn.StartIn", f == nil)
	return startIn(c, reserve(c), registry.TracedTask(f))
}

func startIn[T any](c *gls.Context, in *registry.Context, f func() (T, error)) *Task[T] {
	t := &Task[T]{context: c, done: make(chan struct{})}
	go func() {
		returned := false
		defer func() {
			if returned || goingExit() {
				close(t.done)
			}
		}()
		t.err = ErrGoexit
		within(in, func() {
			value, err := f()
			t.value, t.err = value, err
		})
		returned = true
	}()
	return t
}

// Wait blocks until the task has ended and returns its result, or the zero
// value and [ErrGoexit] if its function called [runtime.Goexit]. Everything
// that the task did happens before Wait returns. By then its goroutine has left
// the Context and holds no state in the library.
func (t *Task[T]) Wait() (T, error) {
	<-t.done
	return t.value, t.err
}

// Done returns a channel that is closed when [Task.Wait] would not block.
func (t *Task[T]) Done() <-chan struct{} { return t.done }

// Context returns the Context in which the task runs. It may be read at any
// time, and entered once the task is done. In Python: Task.get_context.
func (t *Task[T]) Context() *gls.Context { return t.context }
