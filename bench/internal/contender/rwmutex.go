package contender

import (
	"sync"

	"github.com/petermattis/goid"
)

// lockedVar is a variable as a map keyed by goroutine ID behind a lock.
type lockedVar struct {
	mu     sync.RWMutex
	values map[int64]int // guarded by mu
}

func newLockedVar() *lockedVar { return &lockedVar{values: make(map[int64]int)} }

func (v *lockedVar) get() int {
	id := goid.Get()
	v.mu.RLock()
	x := v.values[id]
	v.mu.RUnlock()
	return x
}

func (v *lockedVar) set(x int) {
	id := goid.Get()
	v.mu.Lock()
	v.values[id] = x
	v.mu.Unlock()
}

func (v *lockedVar) remove() {
	id := goid.Get()
	v.mu.Lock()
	delete(v.values, id)
	v.mu.Unlock()
}

// RWMutex is a variable made of a map keyed by goroutine ID behind an RWMutex.
func RWMutex() Contender {
	v := newLockedVar()
	rest := make([]handmade, MaxVars)
	for i := range rest {
		rest[i] = newLockedVar()
	}
	get := func(n int) {
		sum := 0
		for i := 0; i < n; i++ {
			sum += v.get()
		}
		Keep(sum)
	}
	set := func(n int) {
		for i := 0; i < n; i++ {
			v.set(Value(i))
			v.remove()
		}
	}
	return contend(v, rest, Contender{
		Name:  "rwmutex",
		About: "a map for each variable, keyed by goroutine ID, behind an RWMutex; typed, so nothing is boxed",
		Lacks: handmadeLacks,
	}, get, set)
}
