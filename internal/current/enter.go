package current

import (
	"fmt"

	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/registry"
)

// No function in this file takes or returns a State: user code runs between
// entering and leaving a Context, and the State has to be looked up again after
// that.

// Enter makes c the current Context of the calling goroutine, and reports
// whether that was possible. If a goroutine, this one or another, is already in
// c, nothing changes; holder is the goroutine that is in c.
func Enter(c *registry.Context) (holder int64, ok bool) {
	s := registry.TryLookup()
	if s == nil && !registry.Exact {
		s = registry.Lookup()
	}
	if s == nil {
		id, handle := goroutine.Self()
		if holder, ok := c.TryEnter(id); !ok {
			return holder, false
		}
		registry.Insert(id, handle).Push(c)
		return id, true
	}
	if holder, ok := c.TryEnter(s.ID()); !ok {
		return holder, false
	}
	s.Push(c)
	return s.ID(), true
}

// Exit makes the Context current again that was current when the calling
// goroutine entered c. Contexts entered since and not left stay entered.
// Everything that was done in c happens before the next Enter of c.
func Exit(c *registry.Context) {
	s := registry.Lookup()
	if s == nil {
		panic(lost(c))
	}
	s.Pop(c)
	c.Exit() // last: from here on c is another's
	if s.Idle() {
		s.Remove()
	}
}

// IsIn reports whether c is the current Context of the calling goroutine.
func IsIn(c *registry.Context) bool {
	s := registry.Lookup()
	return s != nil && s.Current() == &c.Scope
}

// Reserve enters c for a goroutine that is about to start, and reports whether
// that was possible; if not, holder is the goroutine that is in c. The new
// goroutine must call EnterReserved.
func Reserve(c *registry.Context) (holder int64, ok bool) { return c.TryEnter(goroutine.ID()) }

// EnterReserved is like [Enter], for a Context that was reserved for the
// caller.
func EnterReserved(c *registry.Context) {
	s := registry.LookupOrInsert()
	c.HandOver(s.ID())
	s.Push(c)
}

// EnterNew makes c, which no other goroutine may know, the current Context of
// the calling goroutine, which must not have an entry yet. ExitAndRemove undoes
// it.
func EnterNew(c *registry.Context) {
	s := registry.Insert(goroutine.Self())
	c.HandOver(s.ID())
	s.Push(c)
}

// ExitAndRemove is like [Exit] of c, for which the calling goroutine was
// started. Before others can enter c, it drops everything else that the
// goroutine holds.
func ExitAndRemove(c *registry.Context) {
	s := registry.Lookup()
	if s == nil {
		panic(lost(c))
	}
	s.Pop(c)
	s.Remove()
	c.Exit() // last: from here on c is another's
}

// lost returns the error to panic with if the calling goroutine is in c but has
// no entry, which is impossible.
func lost(c *registry.Context) error {
	id, _ := c.Owner()
	return fmt.Errorf("gls: bug: goroutine %d leaves a Context of goroutine %d, and has no entry", goroutine.ID(), id)
}
