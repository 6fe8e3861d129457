//go:build go1.23

package current

import (
	"iter"

	"github.com/seed18162548/contextvars/internal/goroutine"
)

// Pull is like [iter.Pull] but lends the Context of the caller of next or stop
// to the body. astray returns the error to panic with if the body, on goroutine
// id, yields or returns in another Context.
func Pull[V any](seq iter.Seq[V], astray func(id int64) error) (next func() (V, bool), stop func()) {
	l := new(loan)
	advance, finish := iter.Pull(func(yield func(V) bool) {
		l.body = goroutine.ID()
		l.borrow()
		defer l.giveBack()
		seq(func(v V) bool {
			if !l.onBody() {
				return yield(v)
			}
			if !l.returnable() {
				panic(astray(l.body))
			}
			own, resumed := l.giveBack(), false
			defer func() {
				if !resumed {
					l.goOn(own)
				}
			}()
			more := yield(v)
			resumed = true
			l.borrow()
			return more
		})
		if !l.returnable() {
			panic(astray(l.body))
		}
	})
	return func() (V, bool) {
			lent := l.lend()
			defer l.reclaim(lent)
			return advance()
		}, func() {
			lent := l.lend()
			defer l.reclaim(lent)
			finish()
		}
}
