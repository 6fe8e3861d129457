package current

import (
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/registry"
)

// Enter makes c the current Context of the calling goroutine and returns the
// goroutine's State, for Exit. If c is entered already, here or anywhere,
// nothing changes and Enter returns nil and the ID of the goroutine that has it.
func Enter(c *registry.Context) (s *registry.State, holder int64) {
	s = registry.TryLookup()
	if s == nil && !registry.Exact {
		s = registry.Lookup()
	}
	var id int64
	if s != nil {
		id = s.ID()
	} else {
		id = goroutine.ID()
	}
	if holder, ok := c.TryEnter(id); !ok {
		return nil, holder
	}
	if s == nil {
		s = registry.Insert(id)
	}
	s.Push(c)
	return s, 0
}

// Exit makes the Context current again that was so when the goroutine of s, the
// caller's, entered c. Contexts entered since and not left stay entered. All
// that was done in c happens before the next Enter of it.
func Exit(s *registry.State, c *registry.Context) {
	s.Pop(c)
	c.Exit() // last: from here on c is another's
	if s.Idle() {
		s.Remove()
	}
}

// Reserve enters c for a goroutine that is about to start. It reports whether
// it could; if not, it returns the ID of the goroutine that has c. EnterReserved,
// in the new goroutine, must follow.
func Reserve(c *registry.Context) (holder int64, ok bool) { return c.TryEnter(goroutine.ID()) }

// EnterReserved is Enter of a Context that was reserved for the caller.
func EnterReserved(c *registry.Context) *registry.State {
	s := registry.LookupOrInsert()
	c.HandOver(s.ID())
	s.Push(c)
	return s
}

// ExitAndRemove ends the calling goroutine's stay in c, for which it was started, and
// all that it holds besides: its entry goes before c is free for others.
func ExitAndRemove(s *registry.State, c *registry.Context) {
	s.Pop(c)
	s.Remove()
	c.Exit() // last: from here on c is another's
}
