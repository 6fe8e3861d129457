package current

import (
	"sync"

	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/registry"
)

// A loan is the Context that callers of next and stop lend to the body of one
// iterator, each for the duration of its call.
//
// It makes no assumptions about which goroutines yield, and when. Two rules are
// enough:
//
//   - The body's goroutine borrows only when it is resumed, when it starts or
//     when one of its own yields returns, from the goroutine that is in next or
//     stop.
//   - The loan ends before that goroutine returns from next or stop, at the
//     latest, whichever goroutine let it return.
//
// A yield from any other goroutine than the body's is therefore a plain yield
// of package iter. If the body goes on at the same time, it does so without the
// loan.
type loan struct {
	body     int64             // the body's goroutine; immutable after seq is called
	borrowed registry.Borrowed // the Scope of the body while it runs; guarded by its own lock
	active   bool              // whether the body runs in borrowed; guarded by being the body's alone

	mu     sync.Mutex
	lender *registry.Scope // of the goroutine in next or stop, or nil; guarded by mu
}

// lend offers the current Context of the calling goroutine, which is about to
// call next or stop, to the body, and reports whether it did. It does not if
// another goroutine is in next or stop, which package iter has to handle. lend
// makes an entry for the caller, which has to exist while the loan lasts,
// because the body may bind.
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

// reclaim takes back what lend offered. The body may already have returned it.
func (l *loan) reclaim(lent bool) {
	if lent {
		l.mu.Lock()
		l.lender = nil
		l.mu.Unlock()
		l.borrowed.End()
	}
	removeIfIdle()
}

// borrow makes the lent Context the current Context of the body's goroutine,
// which calls borrow when it is resumed.
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

// giveBack ends the loan on the body's goroutine, before it yields or ends, and
// drops everything else that this goroutine holds. own is what was bound
// without a loan.
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

// goOn restores what giveBack has dropped, if the yield did not resume the
// body's goroutine but panicked because another goroutine had yielded before,
// so that the loan was over.
func (l *loan) goOn(own *binding.Cell) {
	registry.LookupOrInsert().Use(&l.borrowed)
	l.borrowed.SetRoot(own)
	l.active = true
}

// onBody reports whether the calling goroutine is the body's.
func (l *loan) onBody() bool { return goroutine.ID() == l.body }
