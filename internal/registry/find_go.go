//go:build !gc || !(amd64 || arm64) || gls_safe || gls_tiny || gls_doctor || gls_check || race

package registry

import (
	"unsafe"

	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/observe"
)

// Find returns the binding of q.Key in the Context that the calling goroutine
// is in, or the default of q if there is none. It takes no lock. Unless it has
// to call q.Compute, it writes nothing and allocates nothing.
func Find(q *binding.Query, x unsafe.Pointer) *binding.Cell {
	if c := Search(q.Key); c != nil {
		checkCell(c, q.Key)
		return c
	}
	observe.Missed(uint32(q.Key))
	if q.Default != nil || q.Compute == nil {
		return q.Default
	}
	return q.Compute(noescape(x))
}

// noescape returns x. Compute does not keep it, but the compiler cannot know
// that, and would allocate *x at every call of Find.
//
// While the address is a number, the stack that it may point into must not
// move. Stacks move in calls that check for room, and when a goroutine waits,
// so there must be no calls, not even those that the compiler adds for the race
// detector or for checkptr. The stack of a goroutine that is preempted between
// two instructions does not move.
//
//go:nosplit
//go:norace
//go:nocheckptr
func noescape(x unsafe.Pointer) unsafe.Pointer {
	address := uintptr(x)
	return *(*unsafe.Pointer)(unsafe.Pointer(&address))
}

// Prepare returns q in the form that Find expects.
func Prepare(q binding.Query) binding.Query { return q }

// TryLookup is like [Lookup]. The assembly version may return nil although
// there is a State, so callers then have to call Lookup or LookupOrInsert.
func TryLookup() *State { return lookupInGo() }

// Lookup returns the State of the calling goroutine, or nil if it has none. It
// takes no lock, writes nothing and allocates nothing.
func Lookup() *State { return lookupInGo() }

// Exact reports whether TryLookup finds every State.
const Exact = true
