//go:build go1.23

package gls

import (
	"iter"

	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/inner"
)

// Pull is like [iter.Pull], for iterators that use variables. The runtime gives
// the body of seq a goroutine of its own, where nothing is bound. Pull lends it
// the Context of the caller of next or stop, for the time of that call: the
// body sees and sets what it would in a range statement there. Tokens that it
// makes in a base Context belong to the caller's.
//
// A body that yields or returns in another Context than the one it was resumed
// in panics with [ErrExit], and nothing changes; next and stop then panic too.
//
// A yield on another goroutine than the body's is a plain yield of [iter.Pull].
// It shows that goroutine nobody's bindings and changes none. The loan ends
// when next or stop returns, whoever yielded: a body that goes on at the same
// time has a base Context of its own, which is empty, until a yield of its own
// returns.
//
// Compared with iter.Pull, each call locks a shard on entry and on exit, and
// another one if the caller holds no bindings. In the body, Set and Reset take
// a lock that they share with the caller only. Pull needs Go 1.23. A nil seq
// panics with [ErrNilFunc]. Python's generators, too, run in the Context of the
// caller that advances them.
func Pull[V any](seq iter.Seq[V]) (next func() (V, bool), stop func()) {
	inner.MustFunc("Pull", seq == nil)
	return current.Pull(seq, yieldsAstray)
}

func yieldsAstray(id int64) error {
	return misuse(ErrExit, "iterator's goroutine ", id, " yields or ends in another Context than it was resumed in")
}

// Pull2 is like [iter.Pull2], for iterators that use variables; see [Pull].
func Pull2[K, V any](seq iter.Seq2[K, V]) (next func() (K, V, bool), stop func()) {
	inner.MustFunc("Pull2", seq == nil)
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
