package registry

import (
	"runtime"
	"slices"
	"sync"
	"time"

	"github.com/seed18162548/contextvars/internal/goroutine"
)

// Without FastLiveness the only way to find out which goroutines have ended is
// a dump: a stack trace of all goroutines, for which the runtime stops the
// world. An entry may be removed if its goroutine is not in the dump. The
// entries are listed before the dump is taken, so that a goroutine that starts
// after it cannot be missing. Entries without a handle are never removed,
// because a dump does not show their goroutines reliably.
//
// A dump takes time in proportion to the number of goroutines and the depth of
// their stacks, and can only remove entries. So it is taken only if
//
//   - there are more than twice as many entries as goroutines, so that more
//     than half of the entries belong to ended ones;
//   - and there are twice as many entries as the last dump left, for whatever
//     reason, or a hundred times the last dump's duration has passed, as seen
//     after a garbage collection.
//
// The number of insertions then bounds the time that dumps take: each pays for
// the traces of one or two goroutines.

// dumps is the state of sweeping by dumps.
var dumps struct {
	mu sync.Mutex // held during a dump, so that there is one at a time
	dumpPace
}

// A dumpPace decides when a dump is worth its time.
type dumpPace struct {
	left int           // entries that the last dump left, at most
	cost time.Duration // what the last dump took
	end  time.Duration // when the last dump ended, after epoch
}

// epoch is when the process began, for a monotonic clock.
var epoch = time.Now()

const (
	// slack is the number of additional entries that may be left, so that small
	// programs do not take dumps all the time.
	slack = 64
	// restFactor limits the time of dumps after collections to one percent.
	restFactor = 100
)

// sweepByDump removes the entries of ended goroutines using only public API. If
// another sweepByDump is running, it waits for that first.
func sweepByDump() {
	dumps.mu.Lock()
	defer dumps.mu.Unlock()
	dumpAndRemove()
}

// trySweepByDump is like [sweepByDump] but does nothing if another one is
// running or if a dump is not worth its time. now is the time since epoch, or 0
// if the caller may be in a synctest bubble, which has a different clock.
func trySweepByDump(now time.Duration) {
	if !dumps.mu.TryLock() {
		return
	}
	defer dumps.mu.Unlock()
	if dumps.pays(Live(), runtime.NumGoroutine(), now) {
		dumpAndRemove()
	}
}

// pays reports whether a dump is worth its time for this number of entries and
// goroutines. now is the time since epoch, or 0 if it is not known.
func (p *dumpPace) pays(live, goroutines int, now time.Duration) bool {
	p.left = min(p.left, live) // their owners removed some
	if live <= 2*goroutines+slack {
		return false
	}
	return live >= 2*p.left+slack || now-p.end >= restFactor*p.cost && now > 0
}

// A candidate is an entry that existed before a dump.
type candidate struct {
	id int64
	s  *State
}

// dumpAndRemove removes the entries whose goroutines are not in a dump.
// dumps.mu must be held.
func dumpAndRemove() {
	begin := time.Now()
	list := candidates()
	if len(list) > 0 {
		ids, ok := goroutine.Dump()
		if ok {
			list = slices.DeleteFunc(list, func(c candidate) bool {
				_, shown := slices.BinarySearch(ids, c.id)
				return shown
			})
			removeAll(list)
		}
	}
	for i := range shards {
		shards[i].shrink()
	}
	swept.shards.Add(uint64(len(shards)))
	dumps.left = Live()
	dumps.cost = time.Since(begin)
	dumps.end = time.Since(epoch)
}

// candidates returns the entries that may be removed if their goroutines are
// not in a dump.
func candidates() []candidate {
	list := make([]candidate, 0, Live()+slack)
	for i := range shards {
		begin := len(list)
		shards[i].each(func(s *State) {
			if s.handle != nil {
				list = append(list, candidate{s.ID(), s})
			}
		}, func() { list = list[:begin] })
	}
	return list
}

// removeAll removes the entries of list, whose goroutines have ended. Some
// goroutines may have removed them themselves before they ended.
func removeAll(list []candidate) {
	for _, c := range list {
		h := hash(c.id)
		sh := shardOf(h)
		sh.mu.Lock()
		if t := sh.table.Load(); c.s.ID() == c.id {
			if i, ok := t.slotOf(c.s, h); ok {
				sh.discard(t, i, c.s)
			}
		}
		sh.mu.Unlock()
	}
}
