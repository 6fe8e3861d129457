package registry

import (
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/observe"
)

// Tracking is off until Track is called. While it is off, insertion, removal
// and package spawn each cost one branch more. While it is on, each goroutine
// has a SpawnRecord in a map of its shard, so that States are no larger.

// tracking is written by Track only.
var tracking atomic.Bool

// Track turns tracking on: from now on every goroutine that package spawn
// starts, or that begins to hold state, gets a SpawnRecord.
func Track() { tracking.Store(true) }

// Tracking reports whether Track was called.
func Tracking() bool { return tracking.Load() }

// A SpawnRecord says which goroutine started a goroutine, where and when. It is
// immutable once published.
type SpawnRecord struct {
	// Since is when package spawn started the goroutine or, if it was started in
	// another way, when it began to hold state.
	Since time.Time
	// Parent is the ID of the goroutine that called package spawn, or 0.
	Parent int64

	starter starter             // the parent
	callers [maxCallers]uintptr // of Traced, in the parent
}

// StarterLeft reports whether the parent has ended, or has left the Context
// that it was in when it called package spawn. The request that the goroutine
// was started for is then over, so what it inherited may be stale. StarterLeft
// returns false if there is no parent or if this is not known.
func (b *SpawnRecord) StarterLeft() bool { return b.Parent != 0 && b.starter.left(b.Parent) }

// maxCallers is large enough to include the caller of package spawn beyond its
// generic and inlined functions.
const maxCallers = 8

// Site returns where the parent called package spawn; ok is false if there is
// no parent.
func (b *SpawnRecord) Site() (f runtime.Frame, ok bool) {
	n := 0
	for n < maxCallers && b.callers[n] != 0 {
		n++
	}
	if n == 0 {
		return f, false
	}
	frames := runtime.CallersFrames(b.callers[:n])
	for more := true; more; {
		f, more = frames.Next()
		if !strings.HasPrefix(f.Function, spawnPackage) && !strings.HasPrefix(f.Function, thisPackage) {
			break
		}
	}
	return f, f.Function != ""
}

const (
	spawnPackage = "github.com/seed18162548/contextvars/spawn."
	thisPackage  = "github.com/seed18162548/contextvars/internal/registry."
)

// Traced returns a function that calls f and makes the SpawnRecord of the
// goroutine that it runs on. The caller is about to start that goroutine.
// Unless Track was called, Traced returns f itself.
func Traced(f func()) func() {
	if observe.On {
		work, in := f, observe.Mark()
		f = func() { in(work) }
	}
	if !tracking.Load() {
		return f
	}
	return trace(f)
}

// TracedErr is like [Traced], for functions that return an error. The function
// that it returns must be called once.
func TracedErr(f func() error) func() error {
	if observe.On {
		work, in := f, observe.Mark()
		f = func() (err error) {
			in(func() { err = work() })
			return err
		}
	}
	if !tracking.Load() {
		return f
	}
	return traceErr(f)
}

func traceErr(f func() error) func() error {
	var err error
	g := trace(func() { err = f() })
	return func() error { g(); return err }
}

// TracedTask is like [Traced], for functions that return a value and an error.
// The function that it returns must be called once.
func TracedTask[T any](f func() (T, error)) func() (T, error) {
	if observe.On {
		work, in := f, observe.Mark()
		f = func() (x T, err error) {
			in(func() { x, err = work() })
			return x, err
		}
	}
	if !tracking.Load() {
		return f
	}
	return traceTask(f)
}

func traceTask[T any](f func() (T, error)) func() (T, error) {
	var (
		x   T
		err error
	)
	g := trace(func() { x, err = f() })
	return func() (T, error) { g(); return x, err }
}

// trace returns f with the caller as the parent of the goroutine that runs it.
// A timer may run it several times; each goroutine has its own SpawnRecord.
func trace(f func()) func() {
	id := goroutine.ID()
	from := SpawnRecord{Parent: id, starter: thisStarter(id)}
	runtime.Callers(2, from.callers[:])
	return func() {
		b := from
		b.Since = time.Now()
		id := goroutine.ID()
		sh := shardOf(hash(id))
		sh.mu.Lock()
		sh.record(id, &b)
		sh.mu.Unlock()
		defer func() {
			sh.mu.Lock()
			delete(sh.records, id)
			sh.mu.Unlock()
		}()
		f()
	}
}

// records holds the SpawnRecords of the goroutines of one shard: of those that
// package spawn started, until they end; of others, while they have an entry.
type records map[int64]*SpawnRecord

// record stores b for goroutine id. mu must be held.
func (sh *shard) record(id int64, b *SpawnRecord) {
	if sh.records == nil {
		sh.records = make(records)
	}
	sh.records[id] = b
}

// recordEntry makes a record for goroutine id, which now has an entry, unless
// there is one by package spawn. mu must be held.
func (sh *shard) recordEntry(id int64) {
	if sh.records[id] == nil {
		sh.record(id, &SpawnRecord{Since: time.Now()})
	}
}

// forgetEntry removes the record of goroutine id, which no longer has an entry,
// unless package spawn started it: the goroutine may get another entry, and
// trace drops the record in the end. mu must be held, and records must not be
// nil.
func (sh *shard) forgetEntry(id int64) {
	if b := sh.records[id]; b != nil && b.Parent == 0 {
		delete(sh.records, id)
	}
}
