package registry

import (
	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/release"
)

// A Scope holds the bindings of a Context, be it the base Context of a
// goroutine or an explicit one.
type Scope struct {
	// root is the map of bindings. It is written by the goroutine whose current
	// Scope this is, or by the borrower while that goroutine waits, and read by
	// any.
	root release.Pointer[binding.Cell]

	// owner is the ID of the goroutine if this is its base. For an explicit Context
	// it is minus twice the ID of the goroutine that has entered it, or 0 if none
	// has. For a Borrowed it is an odd negative number. The base of a goroutine is
	// identified by the ID and not by its address, which changes when the entry is
	// removed and inserted again.
	owner release.Int64
}

// Root returns the bindings of s. Any goroutine may call it.
func (s *Scope) Root() *binding.Cell { return s.root.Load() }

// SetRoot makes root the bindings of s, which must be the caller's current
// Scope, and not a Borrowed, or must not be published yet.
func (s *Scope) SetRoot(root *binding.Cell) {
	if Checking {
		s.checkWriter()
	}
	s.root.Store(root)
}

// Owner returns the owner of s: if s is a base Context, the ID of its goroutine
// and base == true; otherwise the ID of the goroutine that has entered s, or 0
// if none has. For a Borrowed it returns the owner of the lent Scope.
func (s *Scope) Owner() (id int64, base bool) {
	if id = s.owner.Load(); id > 0 {
		return id, true
	}
	return -(id >> 1), false
}

// IsBase reports whether s is the base Context of a goroutine.
func (s *Scope) IsBase() bool { return s.owner.Load() > 0 }

// IsBaseOf reports whether s is the base Context of goroutine id.
func (s *Scope) IsBaseOf(id int64) bool { return s.owner.Load() == id }

// A Context is a Scope that can be entered.
type Context struct {
	Scope
	// parent is the Scope to return to. Only the goroutine that has entered the
	// Context accesses it; owner orders the accesses of successive goroutines.
	parent *Scope
}

// TryEnter makes goroutine id the one that is in c, and reports whether that
// was possible. If not, nothing changes, and holder is the goroutine that is in
// c, or 0 if it has left meanwhile. Push and Pop, or HandOver, must follow.
func (c *Context) TryEnter(id int64) (holder int64, ok bool) {
	if !c.owner.CompareAndSwap(0, -id<<1) {
		return -(c.owner.Load() >> 1), false
	}
	if Checking && c.parent != nil {
		violated("enters a Context that has not been left")
	}
	return id, true
}

// HandOver makes goroutine id the one that is in c, in place of the goroutine
// that entered c on its behalf.
func (c *Context) HandOver(id int64) {
	if Checking {
		checkSelf(id)
	}
	c.owner.Store(-id << 1)
}

// Exit lets others enter c. The caller must have entered c and must not use it
// afterwards.
func (c *Context) Exit() {
	if Checking {
		c.checkEntered()
	}
	c.owner.Store(0)
}
