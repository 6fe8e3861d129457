//go:build go1.23

package gls

import (
	"iter"

	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/registry"
)

// Pull is [iter.Pull] for iterators that use variables. The runtime gives the
// body of seq a goroutine of its own, where nothing is bound; Pull lends it the
// Context of whoever calls next or stop, for that call, so that the body sees and
// sets exactly what it would in a range statement there. Tokens that it makes in
// a base Context belong to the caller's.
//
// A body that yields, or returns, in another Context than the one it was resumed
// in panics with [ErrExit], as next and stop then do. Over iter.Pull, each
// call locks a shard on entry and on exit, and another one if the caller holds
// no bindings. It needs Go 1.23. A nil seq panics
// with [ErrNilFunc]. After Python's generators, which run in the Context of
// whoever advances them.
func Pull[V any](seq iter.Seq[V]) (next func() (V, bool), stop func()) {
	mustFunc("Pull", seq == nil)
	var l loan
	next, stop = iter.Pull(func(yield func(V) bool) {
		l.take()
		defer l.end()
		seq(func(v V) bool {
			if l.state == nil {
				return yield(v) // out of turn: iter.Pull has an answer
			}
			l.giveBack()
			more := yield(v)
			l.take()
			return more
		})
		l.check()
	})
	return lendingNext(&l, next), lendingStop(&l, stop)
}

// Pull2 is [iter.Pull2] for iterators that use variables; see [Pull].
func Pull2[K, V any](seq iter.Seq2[K, V]) (next func() (K, V, bool), stop func()) {
	mustFunc("Pull2", seq == nil)
	type pair struct {
		k K
		v V
	}
	nextPair, stop := Pull(func(yield func(pair) bool) {
		seq(func(k K, v V) bool { return yield(pair{k, v}) })
	})
	return func() (K, V, bool) {
		p, ok := nextPair()
		return p.k, p.v, ok
	}, stop
}

func lendingNext[V any](l *loan, next func() (V, bool)) func() (V, bool) {
	return func() (V, bool) {
		defer current.RemoveIfIdle(l.lend())
		return next()
	}
}

func lendingStop(l *loan, stop func()) func() {
	return func() {
		defer current.RemoveIfIdle(l.lend())
		stop()
	}
}

// A loan is the Context that a caller of next or stop lends to the goroutine of
// an iterator's body. Only one of the two runs at a time, and the runtime's
// switch from one to the other orders all that they do, so that neither the
// fields nor the lent Scope need more protection than in one goroutine.
type loan struct {
	lent  *registry.Scope
	state *registry.State // the body's, while it runs
}

// lend notes the caller's current Context. It returns the caller's State, which
// has to exist while the loan lasts, lest the body set something in it.
func (l *loan) lend() *registry.State {
	s := registry.LookupOrInsert()
	l.lent = s.Current()
	return s
}

// take makes the lent Context the current one of the body's goroutine.
func (l *loan) take() {
	l.state = registry.LookupOrInsert()
	l.state.Borrow(l.lent)
}

// check panics unless the lent Context is the current one.
func (l *loan) check() {
	if l.state.Current() != l.lent {
		panic(misuse(ErrExit, "iterator's goroutine ", goroutine.ID(), " yields or ends in another Context than it was resumed in"))
	}
}

// giveBack ends the loan for now, before the body yields.
func (l *loan) giveBack() {
	l.check()
	l.end()
}

// end removes what the body's goroutine has in the registry: nothing but the loan.
func (l *loan) end() {
	if l.state != nil {
		l.state.Remove()
		l.state = nil
	}
}
