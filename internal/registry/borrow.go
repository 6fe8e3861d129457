package registry

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/seed18162548/contextvars/internal/binding"
)

// A Borrowed is a Scope in which one goroutine, the borrower, works with the
// bindings of another's Scope, while that goroutine waits: the body of an
// iterator, while its caller is in next or stop (package current, Pull).
//
// The borrower does not get the lent Scope itself. The lender decides when the
// loan ends, because it must never run while somebody else binds in its Scope,
// and it cannot stop a borrower that is about to store there. So the borrower
// works in a Scope of its own, which has the same bindings. It writes both,
// under a lock, as long as the loan lasts. When the loan ends, the borrower's
// Scope is emptied, and is the borrower's base from then on, until the next
// loan.
//
// A lender may itself be a borrower: the body of one iterator calls next of
// another. Such loans are a chain. They share one lock, the outermost loan's,
// and a loan that ends takes along those that were made of it.
type Borrowed struct {
	Scope // its owner's low bit says that it is borrowed

	// lock is that of the chain; nil while there is no loan. guarded by the
	// lock itself
	lock atomic.Pointer[sync.Mutex]

	lent     *Scope     // guarded by lock
	in       *Scope     // the Context that lent is, nil for a base; guarded by lock
	inner    *Borrowed  // whose loan was made of this one; guarded by lock
	borrower int64      // its goroutine; immutable during a loan
	own      sync.Mutex // the lock of a chain of which this is the outermost loan; it guards
}

// Borrowed returns the Borrowed that s is, or nil.
func (s *Scope) Borrowed() *Borrowed {
	if owner := s.owner.Load(); owner > 0 || owner&1 == 0 {
		return nil
	}
	return (*Borrowed)(unsafe.Pointer(s)) // s is its first field
}

// setOwner makes goroutine id the one whose base or Context b stands for.
func (b *Borrowed) setOwner(id int64) { b.owner.Store(-id<<1 | 1) }

// Borrow lends the Scope lent to the calling goroutine, whose ID is id, by
// means of b, of which it must be the only user. There must be no loan. lent is
// nil if nobody lends anything: b is then the caller's empty base. The
// goroutine whose current Scope lent is must wait until End was called.
func (b *Borrowed) Borrow(id int64, lent *Scope) {
	if Checking {
		checkSelf(id)
	}
	b.borrower = id
	b.root.Store(nil)
	b.setOwner(id)
	if lent == nil {
		return
	}
	outer := lent.Borrowed()
	var mu *sync.Mutex
	if outer != nil {
		mu = outer.Lock()
	}
	switch {
	case mu != nil: // a loan of what is borrowed
		b.in = outer.in
		outer.inner = b
	case outer != nil: // its loan has ended: it is the lender's base
		mu = &b.own
		mu.Lock()
	default:
		mu = &b.own
		mu.Lock()
		if !lent.IsBase() {
			b.in = lent
		}
	}
	defer mu.Unlock()
	owner, _ := lent.Owner()
	b.setOwner(owner)
	b.lent = lent
	b.root.Store(lent.root.Load())
	b.lock.Store(mu)
}

// Lock keeps the loan from ending, and returns the lock for the caller to
// unlock. It returns nil if there is no loan.
func (b *Borrowed) Lock() *sync.Mutex {
	for {
		mu := b.lock.Load()
		if mu == nil {
			return nil
		}
		mu.Lock()
		if b.lock.Load() == mu {
			return mu
		}
		mu.Unlock()
	}
}

// End ends the loan, if there is one, and those that were made of it. It may be
// called by any goroutine.
func (b *Borrowed) End() {
	mu := b.Lock()
	if mu == nil {
		return
	}
	defer mu.Unlock()
	if outer := b.lent.Borrowed(); outer != nil && outer.inner == b {
		outer.inner = nil
	}
	for b != nil {
		inner := b.inner
		b.lent, b.in, b.inner = nil, nil, nil
		b.root.Store(nil)
		b.setOwner(b.borrower)
		b.lock.Store(nil)
		b = inner
	}
}

// Identity returns what Put returns for bindings made in b: the Context that b
// stands for, nil if that is a base; and its owner. The caller must be the
// borrower and hold the lock of the loan, if there is one.
func (b *Borrowed) Identity() (in *Scope, by int64) {
	by, _ = b.Owner()
	return b.in, by
}

// SetRoot is like [Scope.SetRoot], and sets the bindings of the lent Scope too.
// The caller must be the borrower and hold the lock of the loan, if there is
// one.
func (b *Borrowed) SetRoot(root *binding.Cell) {
	if Checking {
		b.checkBorrower()
	}
	for {
		b.root.Store(root)
		if b.lent == nil {
			return
		}
		outer := b.lent.Borrowed()
		if outer == nil {
			b.lent.root.Store(root)
			return
		}
		b = outer
	}
}

// ClearBase drops the bindings of the base Context that the calling goroutine,
// whose State is s, is in, or to which it will return from the Contexts that it
// has entered; and so with the Context that is lent to it.
func (s *State) ClearBase() { clearBase(s.current.Load()) }

func clearBase(sc *Scope) {
	for !sc.IsBase() {
		if b := sc.Borrowed(); b != nil {
			if mu := b.Lock(); mu != nil {
				defer mu.Unlock()
			}
			b.clearBase()
			return
		}
		// Neither a base nor borrowed, so the Scope is the head of a Context.
		sc = (*Context)(unsafe.Pointer(sc)).parent
	}
	sc.root.Store(nil)
}

// clearBase is like ClearBase, with the lock of the loan held, if there is one.
func (b *Borrowed) clearBase() {
	if b.in == nil {
		b.SetRoot(nil)
		return
	}
	if outer := b.lent.Borrowed(); outer != nil {
		outer.clearBase() // of the same chain
		return
	}
	clearBase((*Context)(unsafe.Pointer(b.lent)).parent) // of another chain, or none
}
