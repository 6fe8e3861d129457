package binding

import (
	"sync/atomic"
	"unsafe"
)

// A Root is a map that one goroutine changes while others may read it: Store is
// for the goroutine that is in the Context, and needs no more order than that
// whoever loads a cell sees it whole.
type Root struct {
	cell *Cell
}

// Load returns the map.
func (r *Root) Load() *Cell {
	return (*Cell)(atomic.LoadPointer((*unsafe.Pointer)(unsafe.Pointer(&r.cell))))
}
