//go:build !race

package release

import (
	"sync/atomic"
	"unsafe"
)

// StoreUint32 sets *p, which others load with atomic.LoadUint32.
func StoreUint32(p *uint32, v uint32) { *p = v }

func storePointer(p *unsafe.Pointer, v unsafe.Pointer) { *p = v }

func storeInt64(p *atomic.Int64, v int64) { *(*int64)(unsafe.Pointer(p)) = v }
