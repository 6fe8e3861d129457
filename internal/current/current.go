// Package current manages which Context the calling goroutine is in, and what
// is bound there. Package gls provides the typed API for it; package spawn uses
// it to pass bindings to the goroutines that it starts.
package current

import (
	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/registry"
)

// Capture returns the bindings of the current Context for an independent copy.
// It first compacts a full list, because otherwise each copy would have to do
// that at its first Set.
func Capture() *binding.Cell {
	s := registry.Lookup()
	if s == nil {
		return nil
	}
	sc := s.Current()
	root := sc.Root()
	if root.IsFull() {
		root = binding.Compact(root)
		if sc.Borrowed() == nil {
			sc.SetRoot(root)
		}
	}
	return root
}

// Fork returns the bindings that a goroutine would inherit if it were started
// now. It may run user code (OnFork).
func Fork() *binding.Cell { return binding.Fork(Capture()) }

// Inherit makes root the base Context of the calling goroutine, which must not
// have an entry yet. Cleanup undoes it.
func Inherit(root *binding.Cell) {
	if root != nil {
		registry.Insert(goroutine.Self()).SetRoot(root)
	}
}

// Cleanup drops everything that the calling goroutine holds. A Context that it
// entered and did not leave stays entered.
func Cleanup() {
	if s := registry.Lookup(); s != nil {
		s.Remove()
	}
}

// Release empties the base Context of the calling goroutine, even if the
// goroutine has entered other Contexts.
func Release() {
	if s := registry.Lookup(); s != nil {
		s.ClearBase()
		removeIfIdle()
	}
}

// removeIfIdle removes the entry of the calling goroutine if it holds nothing.
func removeIfIdle() {
	if s := registry.Lookup(); s != nil && s.Idle() {
		s.Remove()
	}
}
