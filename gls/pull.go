//go:build go1.23

package gls

import (
	"iter"

	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/hook"
)

// Pull is like [iter.Pull] but seq may use variables. The runtime runs the body
// of seq on its own goroutine, where nothing is bound. For the duration of a
// call of next or stop, Pull lends the body the caller's Context: the body sees
// and sets what it would in a range statement there. Tokens that it makes in a
// base Context belong to the caller's base Context.
//
// A body that yields or returns in another Context than the one it was resumed
// in panics with [ErrExit] and changes nothing; next or stop then panics too.
//
// A yield from another goroutine than the body's is a plain yield of
// [iter.Pull]: that goroutine sees none of the caller's bindings and changes
// none. The loan ends when next or stop returns, even if the body did not
// yield; a body that is still running then has its own base Context, which is
// empty, until one of its yields returns.
//
// Compared with iter.Pull, each call locks a shard on entry and on exit, and
// another one if the caller holds no bindings. In the body, Set and Reset take
// a lock that they share only with the caller. Pull requires Go 1.23. It panics
// with [ErrNilFunc] if seq is nil. Python's generators also run in the Context
// of the caller that advances them.
func Pull[V any](seq iter.Seq[V]) (next func() (V, bool), stop func()) {
	hook.MustFunc("Pull", seq == nil)
	return current.Pull(seq, yieldsAstray)
}

func yieldsAstray(id int64) error {
	return misuse(ErrExit, "iterator's goroutine ", id, " yields or ends in another Context than it was resumed in")
}

// Pull2 is like [iter.Pull2] but seq may use variables; see [Pull].
func Pull2[K, V any](seq iter.Seq2[K, V]) (next func() (K, V, bool), stop func()) {
	hook.MustFunc("Pull2", seq == nil)
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
