package registry

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/seed18162548/contextvars/internal/binding"
)

// A Borrowed is a Scope in which one goroutine, the borrower, uses the bindings
// of another goroutine's Scope while that one waits: the body of an iterator,
// while its caller is in next or stop (see Pull in package current).
//
// The borrower does not use the lent Scope itself. The lender decides when the
// loan ends, because it must never run while another goroutine binds in its
// Scope, and it cannot stop a borrower that is about to store there. So the
// borrower uses its own Scope, which has the same bindings. As long as the loan
// lasts, it writes both, under a lock. When the loan ends, the borrower's Scope
// is emptied, and is the borrower's base until the next loan.
//
// A lender may itself be a borrower, if the body of one iterator calls next of
// another. Such loans form a chain. They share the lock of the outermost loan,
// and when a loan ends, so do those further in.
type Borrowed struct {
	Scope // the low bit of its owner marks it as borrowed

	// lock is the lock of the chain; nil while there is no loan. guarded by the
	// lock itself
	lock atomic.Pointer[sync.Mutex]

	lent     *Scope     // guarded by lock
	in       *Scope     // the Context that lent is, nil for a base; guarded by lock
	inner    *Borrowed  // the next loan of the chain; guarded by lock
	borrower int64      // its goroutine; immutable during a loan
	own      sync.Mutex // the lock of a chain of which this is the outermost loan; it guards
}

// Borrowed returns s as a Borrowed, or nil if it is none.
func (s *Scope) Borrowed() *Borrowed {
	if owner := s.owner.Load(); owner > 0 || owner&1 == 0 {
		return nil
	}
	return (*Borrowed)(unsafe.Pointer(s)) // s is its first field
}

// setOwner sets the goroutine whose base or Context b stands for.
func (b *Borrowed) setOwner(id int64) { b.owner.Store(-id<<1 | 1) }

// Borrow makes b a loan of the Scope lent to the calling goroutine, whose ID is
// id and which must be the only user of b. There must be no loan. A nil lent
// means that there is nothing to borrow; b is then the caller's empty base. The
// goroutine whose current Scope is lent must wait until End was called.
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
	case mu != nil: // lent is itself borrowed
		b.in = outer.in
		outer.inner = b
	case outer != nil: // that loan has ended: lent is the lender's base
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

// End ends the loan, if there is one, and those further in. Any goroutine may
// call it.
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
// stands for, or nil for a base, and its owner. The caller must be the borrower
// and hold the lock of the loan, if there is one.
func (b *Borrowed) Identity() (in *Scope, by int64) {
	by, _ = b.Owner()
	return b.in, by
}

// SetRoot is like [Scope.SetRoot] but also sets the bindings of the lent Scope.
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

// ClearBase drops the bindings of the calling goroutine's base Context, even if
// the goroutine has entered other Contexts. If it borrows, it also drops those
// of the lender's base Context. s must be the caller's State.
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
		// It is neither a base nor borrowed, so it is the Scope of a Context.
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
