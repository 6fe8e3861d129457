//go:build gc && (amd64 || arm64) && !gls_safe && !gls_tiny && !gls_doctor && !gls_check && !race

package registry

import (
	"unsafe"

	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/release"
)

// Find returns the binding of q.Key in the Context that the calling goroutine
// is in, or q's answer if there is none. It takes no lock, and unless it has to
// call q.Compute it writes and allocates nothing.
//
// It is one function from g to the binding: on these ports it takes the place
// of the call that reads g, and costs little more than that. It is assembly
// because the function that reads g has to be, and because the compiler would
// put four calls where one does. It follows Search, table.find and
// binding.Cell.Find step by step, and the arguments there hold for it. It
// cannot be preempted, and nothing is freed under it: a garbage collection ends
// only after every goroutine was seen at a safe point. The race detector does
// not see assembly, so race builds use the Go functions.
//
// Where user code has to run it jumps to miss, which has the same arguments:
// that is Go, with a frame of its own.
//
//go:noescape
func Find(q *binding.Query, x unsafe.Pointer) *binding.Cell

// miss is called where the assembly finds nothing and q has no answer at hand.
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

// Prepare returns q as Find takes it. If Exact is false, what the assembly does
// not find may be there all the same: then only Compute may answer.
func Prepare(q binding.Query) binding.Query {
	if answer := q.Default; !Exact && answer != nil {
		q.Default, q.Compute = nil, func(unsafe.Pointer) *binding.Cell { return answer }
	}
	return q
}

// TryLookup returns the State of the calling goroutine. It returns nil if the
// goroutine holds none, or if Exact is false: callers go on to Lookup or
// LookupOrInsert. It is the first half of Find.
func TryLookup() *State

// Lookup returns the State of the calling goroutine, or nil if it holds none.
// It takes no lock, writes nothing and allocates nothing.
func Lookup() *State {
	if s := TryLookup(); s != nil || Exact {
		CheckLookup(s)
		return s
	}
	return lookupInGo()
}

// goidOffset is where in g the ID is. Package goroutine found it in this
// process and compared what is there with goid's and the stack trace's answer.
// It is 0 if Exact is false: what the assembly reads then is the address of a
// stack.
var goidOffset = goroutine.Offset()

// Exact reports whether the assembly finds whatever there is. If it is false,
// the assembly finds nothing, and the Go functions have to be asked.
var Exact = goidOffset != 0

// visible are the tables that the assembly looks into: empty ones if Exact is
// false, where nothing can be taken for an ID.
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

// For the assembly, which sees the constants of its own package only.
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
