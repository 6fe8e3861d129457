//go:build race || !amd64

package release

import (
	"sync/atomic"
	"unsafe"
)

// StoreUint32 sets *p, which others load with atomic.LoadUint32.
func StoreUint32(p *uint32, v uint32) { atomic.StoreUint32(p, v) }

func storePointer(p *unsafe.Pointer, v unsafe.Pointer) { atomic.StorePointer(p, v) }

func storeInt64(p *atomic.Int64, v int64) { p.Store(v) }
