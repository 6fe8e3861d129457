//go:build go1.23

package gls_test

import (
	"errors"
	"fmt"
	"iter"
	"math/rand"
	"runtime"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/registry/registrytest"
)

// TestPullAgainstIter runs random programs of bodies in bodies, which yield on
// their own goroutine, on another one and from within each other, bind, enter
// Contexts, panic and end by Goexit, while several goroutines advance them in
// turn. What next and yield return, and who panics with what, is as with
// iter.Pull; what each goroutine reads is as the two rules of a loan say.
func TestPullAgainstIter(t *testing.T) {
	before := registrytest.Now()
	for seed := int64(0); seed < 1000; seed++ {
		lent := runPullProgram(t, seed, gls.Pull[int], true)
		plain := runPullProgram(t, seed, iter.Pull[int], false)
		require.Equal(t, plain, lent, "seed %d", seed)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
	require.Empty(t, before.New())
}

// A pullPlace is where a goroutine of a pullProgram is: one of its Contexts,
// what is bound there, and by which grant it got there.
type pullPlace struct {
	value int
	grant *pullGrant
}

// A pullGrant is one loan to one body, from its start or the return of its
// yield until its next yield or the return of the caller's next.
type pullGrant struct {
	lent  *pullPlace
	outer *pullGrant // of which this one was made
	ended bool
}

func (g *pullGrant) on() bool { return g != nil && !g.ended && (g.outer == nil || g.outer.on()) }

// at returns the place that holds the bindings of p.
func (p *pullPlace) at() *pullPlace {
	if p.grant.on() {
		return p.grant.lent.at()
	}
	return p
}

// A pullLoan is what the model knows of one iterator.
type pullLoan struct {
	lender *pullPlace // what the goroutine in next or stop lends, or nil
	grant  *pullGrant // to its body; the last one
}

func (l *pullLoan) end() {
	if l.grant != nil {
		l.grant.ended = true
	}
}

// A pullWorker is one goroutine of a pullProgram: a caller, a body, or one that
// yields for a body.
type pullWorker struct {
	*pullProgram
	name string
	base *pullPlace
	in   *pullPlace // the current one
}

// A pullProgram is one run. Its goroutines take turns.
type pullProgram struct {
	t     *testing.T
	rand  *rand.Rand
	pull  func(iter.Seq[int]) (func() (int, bool), func())
	check bool // whether v is to be what the model says
	v     *gls.Var[int]
	steps int
	trace []string
	sets  []pullSet
}

// A pullSet is one Set, with what its token undoes.
type pullSet struct {
	token gls.Token[int]
	at    *pullPlace
	old   int
	used  bool
}

func runPullProgram(t *testing.T, seed int64, pull func(iter.Seq[int]) (func() (int, bool), func()), check bool) []string {
	p := &pullProgram{t: t, rand: rand.New(rand.NewSource(seed)), pull: pull, check: check, v: pullVar}
	elsewhere(func() {
		w := p.worker("main")
		defer gls.Release()
		w.set()
		w.iterate(nil, 0)
		w.look("at the end")
	})
	return p.trace
}

var pullVar = gls.New("pulled", gls.Default(0))

func (p *pullProgram) worker(name string) *pullWorker {
	base := new(pullPlace)
	return &pullWorker{p, name, base, base}
}

func (w *pullWorker) note(format string, args ...any) {
	w.trace = append(w.trace, w.name+": "+fmt.Sprintf(format, args...))
}

func (w *pullWorker) look(when string) {
	if w.check {
		if got, want := w.v.Get(), w.in.at().value; got != want {
			w.t.Errorf("%s %s: reads %d, wants %d", w.name, when, got, want)
		}
	}
}

func (w *pullWorker) set() {
	w.steps++
	if w.check {
		at := w.in.at()
		old := at.value
		at.value = w.steps
		w.sets = append(w.sets, pullSet{w.v.Set(w.steps), at, old, false})
		w.look("after a Set")
	}
}

// reset undoes a Set, which may be another goroutine's.
func (w *pullWorker) reset() {
	n := w.rand.Int()
	if len(w.sets) == 0 {
		return
	}
	set := &w.sets[n%len(w.sets)]
	err := w.v.TryReset(set.token)
	if own := !set.used && w.in.at() == set.at; own != (err == nil) {
		w.t.Errorf("%s: a Reset (its own: %t): %v", w.name, own, err)
	} else if own {
		set.used = true
		set.at.value = set.old
	}
	w.look("after a Reset")
}

// lend calls advance, which is next or stop of the iterator of l.
func (w *pullWorker) lend(l *pullLoan, advance func()) {
	if l.lender == nil {
		l.lender = w.in
		defer func() { l.lender = nil; l.end() }()
	}
	advance()
}

// borrow gives w what is lent to the body of l, whose goroutine it is.
func (w *pullWorker) borrow(l *pullLoan) {
	*w.base = pullPlace{}
	w.in = w.base
	if l.lender == nil {
		return
	}
	l.grant = &pullGrant{lent: l.lender}
	if outer := l.lender.grant; outer.on() {
		l.grant.outer = outer
	}
	w.base.grant = l.grant
}

// A yielder is the yield of one body.
type yielder struct {
	yield func(int) bool
	body  *pullWorker
	loan  *pullLoan
}

// iterate makes an iterator and advances it. outer are those that it runs in.
func (w *pullWorker) iterate(outer []yielder, depth int) {
	l := new(pullLoan)
	name := fmt.Sprint("body ", depth)
	next, stop := w.pull(func(yield func(int) bool) {
		b := w.worker(name)
		b.borrow(l)
		b.body(append(outer[:len(outer):len(outer)], yielder{yield, b, l}), depth)
		b.look("at its end")
		l.end()
	})
	advance := func(f func() string) {
		w.look("before advancing")
		caught := panicOf(func() {
			w.lend(l, func() { w.note("%s", f()) })
		})
		if caught != nil {
			w.note("%v", caught)
		}
		w.look("after advancing")
	}
	defer advance(func() string { stop(); return "stop" })
	for i := w.rand.Intn(5); i >= 0; i-- {
		if w.rand.Intn(3) > 0 {
			advance(func() string { x, ok := next(); return fmt.Sprintf("next %d %t", x, ok) })
			continue
		}
		other := w.worker("another caller")
		elsewhere(func() {
			defer gls.Release()
			other.set()
			other.lend(l, func() {
				defer func() {
					if caught := recover(); caught != nil {
						other.note("%v", caught)
					}
				}()
				x, ok := next()
				other.note("next %d %t", x, ok)
			})
			other.look("after advancing")
		})
		w.look("after another caller")
	}
}

// body does some random steps. The last of yielders is its own.
func (w *pullWorker) body(yielders []yielder, depth int) {
	for i := w.rand.Intn(6); i >= 0; i-- {
		w.steps++
		x := w.steps
		any := yielders[w.rand.Intn(len(yielders))]
		switch w.rand.Intn(15) {
		case 0, 1:
			w.set()
		case 2, 3, 4:
			w.yield(yielders[len(yielders)-1], x)
		case 5, 6:
			w.yield(any, x)
		case 7:
			helper := w.worker("helper")
			elsewhere(func() {
				defer gls.Release()
				helper.set()
				helper.yield(any, x)
			})
		case 8, 9:
			if depth < 3 {
				w.iterate(yielders, depth+1)
			}
		case 10:
			w.within(func() {
				w.set()
				if any.body == w { // cannot be, in another Context
					if w.check {
						if err, ok := panicOf(func() { any.yield(x) }).(error); !ok || !errors.Is(err, gls.ErrExit) {
							w.t.Errorf("a yield in another Context: %v", err)
						}
						w.look("after a yield in another Context")
					}
				} else {
					w.yield(any, x)
				}
			})
		case 11:
			if w.rand.Intn(3) == 0 {
				panic(errBoom)
			}
		case 12, 13:
			w.reset()
		case 14:
			if w.rand.Intn(6) == 0 {
				w.note("Goexit")
				runtime.Goexit()
			}
		}
		w.look("between two steps")
	}
}

// within runs f in a Context of its own.
func (w *pullWorker) within(f func()) {
	outer := w.in
	defer func() { w.in = outer }()
	gls.Isolate(func() {
		w.in = new(pullPlace)
		f()
	})
}

// yield calls y's yield on w.
func (w *pullWorker) yield(y yielder, x int) {
	w.look("before a yield")
	if y.body == w {
		y.loan.end()
		defer w.borrow(y.loan)
	}
	w.note("yield %d %t", x, y.yield(x))
}
