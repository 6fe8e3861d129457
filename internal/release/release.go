// Package release has atomic words whose Store is only a release store: a
// goroutine that loads a value sees everything that was written before the
// value was stored. The stores of package sync/atomic are sequentially
// consistent, which on amd64 takes an XCHG that waits until every earlier store
// is visible. Words that one goroutine writes and others only read need no such
// wait, and a Set with its Reset would spend a third of its time on three of
// them.
//
// On amd64 Store is therefore a plain store (release_amd64.go): the processor
// makes the stores of one core visible in their order (x86-TSO), the compiler
// emits them in the order of the program, because each depends on the memory
// that the one before it leaves, and an aligned word is never seen half
// written. Other ports and race builds use package atomic (release_atomic.go),
// so that the race detector checks the protocols as they are.
package release

import (
	"sync/atomic"
	"unsafe"
)

// A Pointer is a *T that is loaded with acquire and stored with release order.
type Pointer[T any] struct {
	_ [0]*T // Pointers of different types do not convert
	p unsafe.Pointer
}

// Load returns the pointer.
func (x *Pointer[T]) Load() *T { return (*T)(atomic.LoadPointer(&x.p)) }

// Store sets the pointer. Only one goroutine may store at a time.
func (x *Pointer[T]) Store(v *T) { storePointer(&x.p, unsafe.Pointer(v)) }

// An Int64 is an int64 that is loaded with acquire and stored with release
// order. It is 64-bit aligned.
type Int64 struct {
	v atomic.Int64
}

// Load returns the value.
func (x *Int64) Load() int64 { return x.v.Load() }

// Store sets the value.
func (x *Int64) Store(v int64) { storeInt64(&x.v, v) }

// CompareAndSwap is like the one of package atomic. It may be called
// concurrently with itself, but not with Store.
func (x *Int64) CompareAndSwap(old, new int64) bool { return x.v.CompareAndSwap(old, new) }
