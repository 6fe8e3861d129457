package registry

import (
	"unsafe"

	"github.com/seed18162548/contextvars/internal/goroutine"
)

// A starter is what a SpawnRecord stores about the goroutine that called
// package spawn, to find out later whether it has ended or left its Context.
type starter struct {
	handle unsafe.Pointer // see goroutine.Handle
	in     *Scope         // the Context that it had entered; nil if none
}

// thisStarter returns the starter for the calling goroutine, whose ID is id.
func thisStarter(id int64) starter {
	s := starter{handle: goroutine.Handle()}
	if own := Lookup(); own != nil {
		// The owner of a Borrowed is the lender, and the loan may end at any moment.
		if in := own.Current(); !in.IsBase() && in.Borrowed() == nil {
			s.in = in
		}
	}
	return s
}

// left reports whether the goroutine, whose ID is id, is known to have ended,
// or to have left the Context. In slow mode it is not known whether it has
// ended.
func (s starter) left(id int64) bool {
	if s.in != nil {
		if owner, _ := s.in.Owner(); owner != id {
			return true
		}
	}
	return goroutine.FastLiveness && s.handle != nil && goroutine.Ended(s.handle, id)
}
