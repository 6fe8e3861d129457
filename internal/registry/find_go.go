//go:build !gc || !(amd64 || arm64) || gls_safe || gls_tiny || gls_doctor || gls_check || race

package registry

import (
	"unsafe"

	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/observe"
)

// Find returns the binding of q.Key in the Context that the calling goroutine
// is in, or q's answer if there is none. It takes no lock, and unless it has to
// call q.Compute it writes and allocates nothing.
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

// noescape returns x. Compute does not keep it, but the compiler does not know
// that, and would allocate *x at every call of Find.
//
// While the address is a number, the stack that it may point into must not
// move. Stacks move in calls that check for room, and where a goroutine waits;
// so there must be no call, not even one that the compiler adds for the race
// detector or for checkptr. A goroutine that is preempted between two
// instructions keeps its stack where it is.
//
//go:nosplit
//go:norace
//go:nocheckptr
func noescape(x unsafe.Pointer) unsafe.Pointer {
	address := uintptr(x)
	return *(*unsafe.Pointer)(unsafe.Pointer(&address))
}

// Prepare returns q as Find takes it.
func Prepare(q binding.Query) binding.Query { return q }

// TryLookup is like [Lookup]. Where there is an assembly version it may return
// nil too early, so callers go on to Lookup or LookupOrInsert.
func TryLookup() *State { return lookupInGo() }

// Lookup returns the State of the calling goroutine, or nil if it holds none.
// It takes no lock, writes nothing and allocates nothing.
func Lookup() *State { return lookupInGo() }

// Exact reports whether TryLookup finds whatever there is.
const Exact = true
