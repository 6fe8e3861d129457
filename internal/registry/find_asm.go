//go:build gc && (amd64 || arm64) && !gls_safe && !gls_tiny && !gls_doctor && !gls_check && !race

package registry

import (
	"unsafe"

	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/release"
)

// Find returns the binding of q.Key in the Context that the calling goroutine
// is in, or the default of q if there is none. It takes no lock. Unless it has
// to call q.Compute, it writes nothing and allocates nothing.
//
// It is a single function from g to the binding: on these ports it replaces the
// call that reads g, and costs little more than that. It is assembly because a
// function that reads g has to be, and because the compiler would make four
// calls instead of one. It follows Search, table.find and binding.Cell.Find
// step by step, and their correctness arguments apply to it. It cannot be
// preempted, and nothing is freed while it runs, because a garbage collection
// ends only after every goroutine was seen at a safe point. The race detector
// does not see assembly, so race builds use the Go functions.
//
// If user code has to run, it jumps to miss, which has the same arguments and
// is a Go function with its own frame.
//
//go:noescape
func Find(q *binding.Query, x unsafe.Pointer) *binding.Cell

// miss is called if the assembly finds nothing and q has no Default.
func miss(q *binding.Query, x unsafe.Pointer) *binding.Cell {
	if !Exact {
		if c := Search(q.Key); c != nil {
			return c
		}
	}
	if q.Compute == nil {
		return q.Default
	}
	return q.Compute(x)
}

// Prepare returns q in the form that Find expects. If Exact is false, the
// assembly finds nothing although the variable may be bound. Then the result
// has no Default, so that Find calls Compute.
func Prepare(q binding.Query) binding.Query {
	if answer := q.Default; !Exact && answer != nil {
		q.Default, q.Compute = nil, func(unsafe.Pointer) *binding.Cell { return answer }
	}
	return q
}

// TryLookup returns the State of the calling goroutine. It returns nil if the
// goroutine has none, or if Exact is false: callers then have to call Lookup or
// LookupOrInsert. It is the first half of Find.
func TryLookup() *State

// Lookup returns the State of the calling goroutine, or nil if it has none. It
// takes no lock, writes nothing and allocates nothing.
func Lookup() *State {
	if s := TryLookup(); s != nil || Exact {
		CheckLookup(s)
		return s
	}
	return lookupInGo()
}

// goidOffset is the offset of the ID in g. Package goroutine has found it in
// this process and compared the word there with the IDs of goid and of stack
// traces. It is 0 if Exact is false; the assembly then reads the address of a
// stack.
var goidOffset = goroutine.Offset()

// Exact reports whether the assembly finds every State. If it is false, the
// assembly finds none, and the Go functions have to be called.
var Exact = goidOffset != 0

// visible points to the tables that the assembly searches. If Exact is false
// they are empty, because the assembly does not have the right ID.
var visible = &tables

func init() {
	if Exact {
		return
	}
	visible = new([1 << shardBits]release.Pointer[table])
	none := newTable(leastSlots)
	for i := range visible {
		visible[i].Store(none)
	}
}

// Constants for the assembly, which can only use those of its own package.
const (
	queryKey     = binding.QueryKey
	queryBit     = binding.QueryBit
	querySlot    = binding.QuerySlot
	queryDefault = binding.QueryDefault
	trieKey      = binding.TrieKey
	hasTrieFlag  = binding.HasTrieFlag
	landmark     = binding.Landmark
	landmarkBit  = binding.LandmarkBit
	digitBits    = binding.DigitBits
	digitMask    = binding.DigitMask
	cellKey      = binding.KeyOffset
	cellMeta     = binding.MetaOffset
	cellNext     = binding.NextOffset
	cellBase     = binding.BaseOffset
	trieShift    = binding.ShiftOffset
	trieTop      = binding.TopOffset
)
