//go:build !gc || !(amd64 || arm64) || gls_safe || gls_tiny || race

package registry

import (
	"unsafe"

	"github.com/seed18162548/contextvars/internal/binding"
)

// Find returns the binding of q.Key in the Context that the calling goroutine is
// in, or q's answer if there is none. It takes no lock, writes nothing but *x, and
// allocates nothing.
func Find(q *binding.Query, x unsafe.Pointer) *binding.Cell {
	if c := Search(q.Key); c != nil {
		return c
	}
	if q.Else != nil {
		return q.Else
	}
	// Miss does not keep x, but the compiler does not know that, and would
	// allocate *x at every call of Find. Nothing comes between these two lines,
	// so that the stack that x points to cannot move.
	hidden := uintptr(x)
	return q.Miss(*(*unsafe.Pointer)(unsafe.Pointer(&hidden)))
}

// Prepare returns q as Find takes it.
func Prepare(q binding.Query) binding.Query { return q }

// Own is Mine, for those who go on to Join.
func Own() *State { return searchMine() }

// Mine returns the State of the calling goroutine, or nil if it holds none. It
// takes no lock, writes nothing and allocates nothing.
func Mine() *State { return searchMine() }

// Fast reports that Find finds what there is.
const Fast = true
