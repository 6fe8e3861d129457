// Package registry maps goroutine IDs to what those goroutines hold.
//
// Only a goroutine itself inserts, looks up and removes its own entry, so it
// finds it without a lock; sweeps remove the entries of goroutines that ended.
// The protocol is argued in table.go and sweep.go, and model-checked in
// model/registry.pml.
package registry

import (
	"unsafe"

	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/release"
)

// A Scope is where bindings are: what a base Context and an explicit one have
// in common.
type Scope struct {
	// Root names the bindings. It is written only by the goroutine whose
	// current Scope this is, and read by any.
	Root release.Pointer[binding.Cell]

	// Who is the ID of the goroutine whose base this is; or, for an explicit
	// Context, minus the ID of the goroutine that has entered it, 0 if none
	// has. The base of a goroutine is known by Who, not by its address: it
	// comes and goes with the entry, its identity stays.
	Who release.Int64
}

// Base reports whether s is the base Context of a goroutine.
func (s *Scope) Base() bool { return s.Who.Load() > 0 }

// A Context is a Scope that can be entered.
type Context struct {
	Scope
	// Outer is the Scope to return to. It belongs to whoever has entered the
	// Context; Who orders one such goroutine after another.
	Outer *Scope
}

// A State is what one goroutine holds. Its base Scope comes first: the address
// of a State is the address of its base.
type State struct {
	Scope
	// Current is the Scope that the goroutine is in: its base, an entered
	// Context, or another goroutine's Scope that is on loan to it. It is
	// written only by the goroutine, and read by any.
	Current release.Pointer[Scope]

	// handle tells whether the goroutine has ended; nil if only it can
	// tell. guarded by the shard's lock
	handle unsafe.Pointer
}

func newState() *State {
	s := new(State)
	s.Current.Store(&s.Scope)
	return s
}

// empty drops what s holds. The caller must be s's goroutine.
func (s *State) empty() {
	if s.Root.Load() != nil {
		s.Root.Store(nil)
	}
	if s.Current.Load() != &s.Scope {
		s.Current.Store(&s.Scope)
	}
}

// ID returns the ID of the goroutine that s belongs to.
func (s *State) ID() int64 { return s.Who.Load() }

// Idle reports whether s holds nothing, so that its entry may go: no binding in
// the base, no other Context entered. The caller must be s's goroutine.
func (s *State) Idle() bool {
	return s.Current.Load() == &s.Scope && s.Root.Load() == nil
}
