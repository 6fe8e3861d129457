// Package registry maps goroutine IDs to the bindings of the goroutines.
//
//   - A [State] is what one goroutine holds. It is in the registry as long as
//     the goroutine has bindings or is in a Context.
//   - A [Scope] holds bindings and has an owner. The base Scope of a goroutine
//     is part of its State.
//   - A [Context] is a Scope that goroutines can enter, one at a time.
//   - An [Entry] is a copy of what a State held at one moment.
//   - A shard is one part of the registry, with a lock and a table of States.
//
// Only a goroutine itself inserts, looks up and removes its own State, so it
// finds it without a lock; sweeps remove the States of goroutines that ended.
// table.go and sweep.go explain why the protocol is correct, and
// model/registry.pml is a model that is checked.
package registry

import (
	"unsafe"

	"github.com/seed18162548/contextvars/internal/release"
)

// A State is what one goroutine holds. Its base Scope comes first: the address
// of a State is the address of its base. Its owner is the goroutine's ID.
type State struct {
	Scope
	// current is the Scope that the goroutine is in: its base, an entered Context,
	// or a Borrowed. It is written only by the goroutine and read by any.
	current release.Pointer[Scope]

	// handle is the result of goroutine.Handle for the goroutine. guarded by the
	// shard's lock
	handle unsafe.Pointer
}

func newState() *State {
	s := new(State)
	s.current.Store(&s.Scope)
	return s
}

// reset drops what s holds. The caller must be s's goroutine.
func (s *State) reset() {
	if s.root.Load() != nil {
		s.root.Store(nil)
	}
	if s.current.Load() != &s.Scope {
		s.current.Store(&s.Scope)
	}
}

// ID returns the ID of the goroutine that s belongs to.
func (s *State) ID() int64 { return s.owner.Load() }

// Current returns the Scope that s's goroutine is in.
func (s *State) Current() *Scope { return s.current.Load() }

// Push makes c the current Scope of s's goroutine, the caller, which must have
// entered c. Pop undoes that.
func (s *State) Push(c *Context) {
	if Checking {
		s.check()
		c.checkEntered()
	}
	c.parent = s.current.Load()
	s.current.Store(&c.Scope)
}

// Pop makes the Scope current again that was current when s's goroutine, the
// caller, pushed c. Contexts that were pushed since and not popped stay
// entered.
func (s *State) Pop(c *Context) {
	if Checking {
		s.check()
		c.checkEntered()
	}
	parent := c.parent
	c.parent = nil
	s.current.Store(parent)
}

// Idle reports whether s holds nothing, so that its entry can be removed: no
// binding in the base, and no other Context entered. The caller must be s's
// goroutine.
func (s *State) Idle() bool {
	return s.current.Load() == &s.Scope && s.root.Load() == nil
}

// Use makes b the current Scope of s's goroutine, the caller.
func (s *State) Use(b *Borrowed) {
	if Checking {
		s.check()
		b.checkBorrower()
	}
	s.current.Store(&b.Scope)
}
