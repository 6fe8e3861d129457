//go:build gls_check || gls_check_asm

package registry

import (
	"fmt"

	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/goroutine"
)

// Checking reports whether ownership is asserted. Under the build tags
// gls_check and gls_check_asm every operation checks what the comments claim:
// which goroutine the caller is, by the ID in its stack trace, and that it owns
// what it uses. With gls_check all look-ups are in Go; gls_check_asm also runs
// the assembly and compares the results. Each check costs a microsecond or
// more.
const Checking = true

// violated panics with the invariant that does not hold.
func violated(format string, args ...any) {
	panic(fmt.Errorf("gls: bug: goroutine %d: "+format, append([]any{goroutine.SlowID()}, args...)...))
}

// checkSelf checks that id is the calling goroutine's.
func checkSelf(id int64) {
	if self := goroutine.SlowID(); id != self {
		violated("takes itself for goroutine %d", id)
	}
}

// check checks that s is the caller's, and that the caller is in a Scope that
// it may be in: its base, a Context that it has entered, or one that it
// borrows.
func (s *State) check() {
	self := goroutine.SlowID()
	if owner := s.owner.Load(); owner != self {
		violated("uses the State of goroutine %d", owner)
	}
	sc := s.current.Load()
	if sc == nil {
		violated("is in no Scope")
	}
	if b := sc.Borrowed(); b != nil {
		b.checkBorrower()
	} else if owner, base := sc.Owner(); base && sc != &s.Scope || owner != self {
		violated("is in a Scope of goroutine %d (base: %t)", owner, base)
	}
}

// checkWriter checks that the caller may write s: that it is its base, a
// Context that it is in, or a Scope that no goroutine has entered and that is
// not published.
func (s *Scope) checkWriter() {
	if owner, _ := s.Owner(); owner != 0 && owner != goroutine.SlowID() {
		violated("writes to a Scope of goroutine %d", owner)
	}
	if s.Borrowed() != nil {
		violated("writes to a Scope that it borrows, and not to the lent one")
	}
}

// checkUnused checks that s, which is reused, holds nothing.
func (s *State) checkUnused() {
	if s.root.Load() != nil {
		violated("gets a State with bindings")
	}
	if s.current.Load() != &s.Scope {
		violated("gets a State that is in another Scope")
	}
}

// checkEntered checks that the caller is in c.
func (c *Context) checkEntered() {
	if owner, base := c.Owner(); base || owner != goroutine.SlowID() {
		violated("uses a Context of goroutine %d", owner)
	}
}

// checkBorrower checks that the caller is the borrower of b.
func (b *Borrowed) checkBorrower() {
	if b.borrower != goroutine.SlowID() {
		violated("uses what goroutine %d has borrowed", b.borrower)
	}
}

// checkFree checks that the shard's free State is in none of its slots. mu must
// be held; it is released if checkFree panics.
func (sh *shard) checkFree() {
	if sh.free == nil {
		return
	}
	t := sh.table.Load()
	for i := uint64(0); i <= t.mask; i++ {
		if s := t.slot(i).Load(); s == sh.free {
			sh.mu.Unlock()
			violated("finds the State of goroutine %d in a slot, and free", s.ID())
		}
	}
}

// checkCell checks that c binds the variable whose key is key.
func checkCell(c *binding.Cell, key binding.Key) {
	if c.Key() != key {
		violated("is given a binding of variable %d for variable %d", c.Key(), key)
	}
}

// CheckLookup checks s, which TryLookup returned: it may be nil too early, but
// must be the caller's otherwise.
func CheckLookup(s *State) {
	if want := lookupInGo(); s != want && (s != nil || Exact) {
		violated("TryLookup returns %p, the table has %p", s, want)
	}
}

// CheckFind checks found, which Find returned for q: the binding that Search
// finds, or the answer of q. A loan to the caller may have ended in between.
func CheckFind(q *binding.Query, found *binding.Cell) {
	switch want := Search(q.Key); {
	case want != nil && found != want:
		violated("Find returns %p for variable %d, Search %p", found, q.Key, want)
	case want == nil && found != q.Default && q.Compute == nil:
		s := lookupInGo()
		if s == nil || s.Current().Borrowed() == nil {
			violated("Find returns %p for variable %d, which is not bound", found, q.Key)
		}
		checkCell(found, q.Key)
	}
}
