// Package current knows which Context the calling goroutine is in, and moves it
// from one to the other. Package gls is the typed face of it; package spawn
// uses it to hand bindings to the goroutines that it starts.
package current

import (
	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/registry"
)

// Capture returns the bindings of the current Context for a copy that will live
// on its own. A list that is as long as it gets is compacted first, once for all
// copies, each of which would have to do it at its first Set.
func Capture() *binding.Cell {
	s := registry.Mine()
	if s == nil {
		return nil
	}
	sc := s.Current.Load()
	root := sc.Root.Load()
	if root.IsLong() {
		root = binding.Compact(root)
		sc.Root.Store(root)
	}
	return root
}

// Fork returns the bindings that a goroutine started now inherits. It may run
// user code (OnFork).
func Fork() *binding.Cell { return binding.Fork(Capture()) }

// Inherit makes root the base Context of the calling goroutine, which must have
// nothing yet. Retire undoes it.
func Inherit(root *binding.Cell) {
	if root != nil {
		registry.Insert(goroutine.ID()).Root.Store(root)
	}
}

// Retire drops everything that the calling goroutine holds. A Context that it
// entered and did not leave stays entered.
func Retire() {
	if s := registry.Mine(); s != nil {
		s.Leave()
	}
}

// Release empties the base Context that the calling goroutine is in, or to
// which it will return from the Contexts that it has entered.
func Release() {
	s := registry.Mine()
	if s == nil {
		return
	}
	base(s.Current.Load()).Root.Store(nil)
	LeaveIfIdle(s)
}

// LeaveIfIdle removes the entry of s, which must be the caller's, if it holds
// nothing.
func LeaveIfIdle(s *registry.State) {
	if s.Idle() {
		s.Leave()
	}
}
