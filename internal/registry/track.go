package registry

import (
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/seed18162548/contextvars/internal/goroutine"
)

// Tracking is off until Track. Off, it costs insertion, Leave and package spawn
// a branch each, and look-ups and binding nothing. On, each goroutine has a
// Birth in a map of its shard, beside the table, so that a State is no larger
// for it.

// tracking is written by Track only.
var tracking atomic.Bool

// Track has every goroutine that is started through package spawn, or begins to
// hold state, remembered with its Birth from now on.
func Track() { tracking.Store(true) }

// Tracking reports whether Track was called.
func Tracking() bool { return tracking.Load() }

// A Birth is how a goroutine came to be here. It is immutable once published.
type Birth struct {
	// Since is when package spawn started the goroutine, or when it began to
	// hold state, if somebody else started it.
	Since time.Time
	// Parent is the ID of the goroutine that called package spawn, 0 if none
	// did.
	Parent int64

	starter starter             // the parent
	callers [maxCallers]uintptr // of Spawned, in the parent
}

// StarterLeft reports whether the parent has ended since, or has left the
// Context that it was in when it called package spawn: the request that the
// goroutine was started for is over, so what it inherited may be stale. It is
// false if there is no parent, or if that is not known.
func (b *Birth) StarterLeft() bool { return b.Parent != 0 && b.starter.left(b.Parent) }

// maxCallers is enough to see past the generic and inlined functions of package
// spawn to its caller.
const maxCallers = 8

// Site returns where the parent called package spawn; ok is false if none did.
func (b *Birth) Site() (f runtime.Frame, ok bool) {
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

// Spawned returns f for the goroutine that the caller is about to start for it:
// f itself unless Track was called.
func Spawned(f func()) func() {
	if !tracking.Load() {
		return f
	}
	return born(f)
}

// SpawnedErr is Spawned for functions with an error. What it returns is to be
// called once.
func SpawnedErr(f func() error) func() error {
	if !tracking.Load() {
		return f
	}
	return bornErr(f)
}

func bornErr(f func() error) func() error {
	var err error
	g := born(func() { err = f() })
	return func() error { g(); return err }
}

// SpawnedTask is Spawned for functions with a value and an error. What it returns
// is to be called once.
func SpawnedTask[T any](f func() (T, error)) func() (T, error) {
	if !tracking.Load() {
		return f
	}
	return bornTask(f)
}

func bornTask[T any](f func() (T, error)) func() (T, error) {
	var (
		x   T
		err error
	)
	g := born(func() { x, err = f() })
	return func() (T, error) { g(); return x, err }
}

// born returns f with the caller as the parent of the goroutine that calls it.
// That may happen several times, as a timer fires: each has a Birth.
func born(f func()) func() {
	id := goroutine.ID()
	from := Birth{Parent: id, starter: thisStarter(id)}
	runtime.Callers(2, from.callers[:])
	return func() {
		b := from
		b.Since = time.Now()
		id := goroutine.ID()
		sh := shardOf(hash(id))
		sh.mu.Lock()
		sh.bear(id, &b)
		sh.mu.Unlock()
		defer func() {
			sh.mu.Lock()
			delete(sh.births, id)
			sh.mu.Unlock()
		}()
		f()
	}
}

// births are the Births of the goroutines of one shard: of those that package
// spawn started until they end, of others as long as they have an entry.
type births map[int64]*Birth

// bear notes b for goroutine id. mu must be held.
func (sh *shard) bear(id int64, b *Birth) {
	if sh.births == nil {
		sh.births = make(births)
	}
	sh.births[id] = b
}

// entered notes that goroutine id, not started by package spawn as far as is
// known, has an entry. mu must be held.
func (sh *shard) entered(id int64) {
	if sh.births[id] == nil {
		sh.bear(id, &Birth{Since: time.Now()})
	}
}

// left notes that goroutine id has no entry any more. Its Birth stays if package
// spawn started it: the goroutine may be back, and born drops it in the end. mu
// must be held, and births must not be nil.
func (sh *shard) left(id int64) {
	if b := sh.births[id]; b != nil && b.Parent == 0 {
		delete(sh.births, id)
	}
}
