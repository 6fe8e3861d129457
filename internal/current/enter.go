package current

import (
	"unsafe"

	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/registry"
)

// Enter makes c the current Context of the calling goroutine and returns the
// goroutine's State, for Exit. If c is entered already, here or anywhere,
// nothing changes and Enter returns nil and the ID of the goroutine that has it.
func Enter(c *registry.Context) (s *registry.State, holder int64) {
	s = registry.Own()
	if s == nil && !registry.Fast {
		s = registry.Mine()
	}
	var id int64
	if s != nil {
		id = s.ID()
	} else {
		id = goroutine.ID()
	}
	if !c.Who.CompareAndSwap(0, -id) {
		return nil, -c.Who.Load()
	}
	if s == nil {
		s = registry.Insert(id)
	}
	c.Outer = s.Current.Load()
	s.Current.Store(&c.Scope)
	return s, 0
}

// Exit makes the Context current again that was so when the goroutine of s, the
// caller's, entered c. Contexts entered since and not left stay entered. All
// that was done in c happens before the next Enter of it.
func Exit(s *registry.State, c *registry.Context) {
	outer := c.Outer
	c.Outer = nil
	s.Current.Store(outer)
	c.Who.Store(0) // last, and not next to Outer: from here on c is another's
	if s.Idle() {
		s.Leave()
	}
}

// Reserve enters c for a goroutine that is about to start. It reports whether
// it could, else the ID of the goroutine that has it. EnterReserved, in the new
// goroutine, must follow.
func Reserve(c *registry.Context) (ok bool, holder int64) {
	if !c.Who.CompareAndSwap(0, -goroutine.ID()) {
		return false, -c.Who.Load()
	}
	return true, 0
}

// EnterReserved is Enter of a Context that was reserved for the caller.
func EnterReserved(c *registry.Context) *registry.State {
	s := registry.Join()
	c.Who.Store(-s.ID())
	c.Outer = s.Current.Load()
	s.Current.Store(&c.Scope)
	return s
}

// base returns the base Context at the end of the chain of entered Contexts
// that begins with sc, the caller's current one.
func base(sc *registry.Scope) *registry.Scope {
	for !sc.Base() {
		// Not a base, so the Scope is the head of a Context.
		sc = (*registry.Context)(unsafe.Pointer(sc)).Outer
	}
	return sc
}

// ExitAll ends the calling goroutine's stay in c, for which it was started, and
// all that it holds besides: its entry goes before c is free for others.
func ExitAll(s *registry.State, c *registry.Context) {
	c.Outer = nil
	s.Leave()
	c.Who.Store(0) // last: from here on c is another's
}
