package current

import (
	"sync"

	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/registry"
)

// A loan is the Context that callers of next and stop lend to the body of one
// iterator, each for the time of its call.
//
// It assumes as little as possible of which goroutines yield, and when. Two
// rules are enough:
//
//   - The body's goroutine borrows only when it is resumed, at its start or by
//     the return of a yield of its own: from the goroutine that is in next or
//     stop.
//   - The loan ends, at the latest, before that goroutine returns from next or
//     stop, whoever let it return.
//
// So a yield on any other goroutine than the body's is that of package iter and
// no more. If the body goes on at the same time, it does so without the loan.
type loan struct {
	body     int64             // the body's goroutine; immutable after seq is called
	borrowed registry.Borrowed // the Scope of the body while it runs; guarded by its own lock
	active   bool              // whether the body runs in borrowed; guarded by being the body's alone

	mu     sync.Mutex
	lender *registry.Scope // of the goroutine in next or stop, or nil; guarded by mu
}

// lend offers the current Context of the calling goroutine, which is about to
// call next or stop, to the body, and reports whether it did. It does not if
// another goroutine is in next or stop: that is for package iter to judge. The
// caller's entry has to exist while the loan lasts, because the body may bind.
func (l *loan) lend() (ok bool) {
	sc := registry.LookupOrInsert().Current()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.lender != nil {
		return false
	}
	l.lender = sc
	return true
}

// reclaim takes back what lend offered. The body may have returned it before.
func (l *loan) reclaim(lent bool) {
	if lent {
		l.mu.Lock()
		l.lender = nil
		l.mu.Unlock()
		l.borrowed.End()
	}
	removeIfIdle()
}

// borrow makes what is lent the current Context of the body's goroutine, which
// calls it when it is resumed.
func (l *loan) borrow() {
	s := registry.LookupOrInsert()
	l.mu.Lock()
	l.borrowed.Borrow(l.body, l.lender)
	l.mu.Unlock()
	s.Use(&l.borrowed)
	l.active = true
}

// returnable reports whether the body's goroutine is in the Context that it
// borrowed.
func (l *loan) returnable() bool {
	s := registry.Lookup()
	return !l.active || s != nil && s.Current().Borrowed() == &l.borrowed
}

// giveBack ends the loan on the body's goroutine, before it yields or ends. It
// drops all that this holds besides. own is what was bound without a loan.
func (l *loan) giveBack() (own *binding.Cell) {
	if !l.active {
		return nil
	}
	l.active = false
	l.borrowed.End()
	own = l.borrowed.Root()
	Cleanup()
	l.borrowed.Borrow(l.body, nil)
	return own
}

// goOn gives the body's goroutine back what giveBack has dropped, where the
// yield did not resume it, but panicked: another goroutine had yielded before,
// so the loan was over.
func (l *loan) goOn(own *binding.Cell) {
	registry.LookupOrInsert().Use(&l.borrowed)
	l.borrowed.SetRoot(own)
	l.active = true
}

// onBody reports whether the calling goroutine is the body's.
func (l *loan) onBody() bool { return goroutine.ID() == l.body }
