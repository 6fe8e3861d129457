//go:build race || !amd64

package binding

import (
	"sync/atomic"
	"unsafe"
)

// Store makes c the map.
func (r *Root) Store(c *Cell) {
	atomic.StorePointer((*unsafe.Pointer)(unsafe.Pointer(&r.cell)), unsafe.Pointer(c))
}

func (c *Cell) setMark(mark uint32) { atomic.StoreUint32(&c.mark, mark) }
