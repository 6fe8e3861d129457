package contender

import (
	"sync"

	"github.com/petermattis/goid"
)

// syncVar is a variable as a sync.Map keyed by goroutine ID.
type syncVar struct{ m sync.Map }

func (v *syncVar) get() int {
	x, _ := v.m.Load(goid.Get())
	n, _ := x.(int)
	return n
}

func (v *syncVar) set(x int) { v.m.Store(goid.Get(), x) }
func (v *syncVar) remove()   { v.m.Delete(goid.Get()) }

// SyncMap is a variable made of a sync.Map keyed by goroutine ID.
func SyncMap() Contender {
	v := new(syncVar)
	rest := make([]handmade, MaxVars)
	for i := range rest {
		rest[i] = new(syncVar)
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
		Name:  "syncmap",
		About: "a sync.Map for each variable, keyed by goroutine ID",
		Lacks: handmadeLacks,
	}, get, set)
}
