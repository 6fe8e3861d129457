//go:build gc && (amd64 || arm64) && !gls_safe && !gls_tiny && !race

package registry

import (
	"unsafe"

	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/goroutine"
	"github.com/seed18162548/contextvars/internal/release"
)

// Find returns the binding of q.Key in the Context that the calling goroutine is
// in, or q's answer if there is none. It takes no lock, and unless it has to call
// q.Miss it writes and allocates nothing.
//
// It is one function from g to the binding: on these ports it takes the place of
// the call that reads g, and costs little more than that. It is assembly because
// the function that reads g has to be, and because the compiler would put four
// calls where one does. It follows Search, table.find and binding.Cell.Find
// step by step, and the arguments there hold for it. It cannot be preempted, and
// nothing is freed under it: a garbage collection ends only after every
// goroutine was seen at a safe point. The race detector does not see assembly,
// so race builds use the Go functions.
//
// Where user code has to run it jumps to miss, which has the same arguments: that
// is Go, with a frame of its own.
//
//go:noescape
func Find(q *binding.Query, x unsafe.Pointer) *binding.Cell

// miss is Find where the assembly finds nothing and q has no answer at hand.
func miss(q *binding.Query, x unsafe.Pointer) *binding.Cell {
	if !Fast {
		if c := Search(q.Key); c != nil {
			return c
		}
	}
	if q.Miss == nil {
		return q.Else
	}
	return q.Miss(x)
}

// Prepare returns q as Find takes it. If Fast is false, what the assembly does
// not find may be there all the same: then only Miss may answer.
func Prepare(q binding.Query) binding.Query {
	if answer := q.Else; !Fast && answer != nil {
		q.Else, q.Miss = nil, func(unsafe.Pointer) *binding.Cell { return answer }
	}
	return q
}

// Own returns the State of the calling goroutine, or nil if it holds none or if
// Fast is false: it is what those call who go on to Join. It is the first half
// of Find.
func Own() *State

// Mine returns the State of the calling goroutine, or nil if it holds none. It
// takes no lock, writes nothing and allocates nothing.
func Mine() *State {
	if s := Own(); s != nil || Fast {
		return s
	}
	return searchMine()
}

// goidOffset is where in g the ID is. Package goroutine found it in this process
// and compared what is there with goid's and the stack trace's answer. It is 0
// if Fast is false: what the assembly reads then is the address of a stack.
var goidOffset = goroutine.Offset()

// Fast reports that Find finds what there is.
var Fast = goidOffset != 0

// visible are the tables that the assembly looks into: empty ones if Fast is
// false, where nothing can be taken for an ID.
var visible = &tables

func init() {
	if Fast {
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
	queryKey  = binding.QueryKey
	queryBit  = binding.QueryBit
	queryElse = binding.QueryElse
	trieKey   = binding.TrieKey
	deepMark  = binding.DeepMark
	digitBits = binding.DigitBits
	digitMask = binding.DigitMask
	cellKey   = binding.KeyOffset
	cellMark  = binding.MarkOffset
	cellNext  = binding.NextOffset
	cellBase  = binding.BaseOffset
	trieShift = binding.ShiftOffset
	trieTop   = binding.TopOffset
)
