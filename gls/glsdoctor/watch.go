package glsdoctor

import (
	"sync"

	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/hook"
)

// Kinds of reads that find nothing.
const (
	lost    = "lost"    // the starter of some statement had a value
	unknown = "unknown" // on a goroutine whose starter is not known
	worker  = "worker"  // no starter had a value, but the work may have come another way
	nothing = "nothing" // there was no value to lose
)

// bound is the set of variables that were ever bound: uint32 to struct{}. Reads
// of others cannot be lost.
var bound sync.Map

// A watcher is notified of Sets and reads of the program.
type watcher struct{}

// Bound records that a variable is bound.
func (watcher) Bound(key uint32) {
	if _, ok := bound.Load(key); !ok {
		bound.Store(key, nil)
	}
}

// Missed counts a read that finds nothing, against the nearest statement whose
// starter had a value, which spawn.Go or gls.Wrap would have passed on.
func (watcher) Missed(key uint32) {
	if key == 0 {
		return // a variable that New did not make
	}
	v := binding.VariableOf(binding.Key(key)).Owner
	name := v.(interface{ Name() string }).Name()
	if _, ever := bound.Load(key); !ever || hook.Private(v) {
		count(nothing, "", name)
		return
	}
	o := mine()
	if o == nil {
		if who := creator(); who != "" {
			count(unknown, who, name)
			return
		}
	}
	for first := o; o != nil; o = o.parent {
		switch {
		case o.had.Find(binding.Key(key)) != nil:
			count(lost, o.site, name)
			return
		case o.unknown != "":
			count(unknown, o.unknown, name)
			return
		case o.parent == nil && first.site != "":
			count(worker, first.site, name)
			return
		}
	}
	count(nothing, "", name)
}

// Mark returns a function that sets the origin of another goroutine, which
// package spawn starts or on which a function of gls.Wrap is called, to that of
// the calling goroutine.
func (watcher) Mark() func(func()) {
	o := mine()
	if o == nil {
		o = &origin{unknown: creator()}
	}
	return func(f func()) { in(o, f) }
}
