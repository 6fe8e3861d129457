package registry

import (
	"unsafe"

	"github.com/seed18162548/contextvars/internal/release"
)

// leastSlots is the size of the empty table that shards start with.
const leastSlots = 1

type slot = release.Pointer[State]

// A sized has the layout of a [table] followed by the slots in the array Slots.
type sized[Slots any] struct {
	mask  uint64
	slots Slots
}

// newTable returns an empty table of n slots, a power of two.
func newTable(n int) *table {
	t := allocate(n)
	t.mask = uint64(n - 1)
	return t
}

// allocate returns memory for a table of n slots. Each size has its own type,
// so that the garbage collector knows the pointers in it. 256 tables of the
// largest size have room for 800 million goroutines.
func allocate(n int) *table {
	switch n {
	case 1 << 0:
		return (*table)(unsafe.Pointer(new(sized[[1 << 0]slot])))
	case 1 << 1:
		return (*table)(unsafe.Pointer(new(sized[[1 << 1]slot])))
	case 1 << 2:
		return (*table)(unsafe.Pointer(new(sized[[1 << 2]slot])))
	case 1 << 3:
		return (*table)(unsafe.Pointer(new(sized[[1 << 3]slot])))
	case 1 << 4:
		return (*table)(unsafe.Pointer(new(sized[[1 << 4]slot])))
	case 1 << 5:
		return (*table)(unsafe.Pointer(new(sized[[1 << 5]slot])))
	case 1 << 6:
		return (*table)(unsafe.Pointer(new(sized[[1 << 6]slot])))
	case 1 << 7:
		return (*table)(unsafe.Pointer(new(sized[[1 << 7]slot])))
	case 1 << 8:
		return (*table)(unsafe.Pointer(new(sized[[1 << 8]slot])))
	case 1 << 9:
		return (*table)(unsafe.Pointer(new(sized[[1 << 9]slot])))
	case 1 << 10:
		return (*table)(unsafe.Pointer(new(sized[[1 << 10]slot])))
	case 1 << 11:
		return (*table)(unsafe.Pointer(new(sized[[1 << 11]slot])))
	case 1 << 12:
		return (*table)(unsafe.Pointer(new(sized[[1 << 12]slot])))
	case 1 << 13:
		return (*table)(unsafe.Pointer(new(sized[[1 << 13]slot])))
	case 1 << 14:
		return (*table)(unsafe.Pointer(new(sized[[1 << 14]slot])))
	case 1 << 15:
		return (*table)(unsafe.Pointer(new(sized[[1 << 15]slot])))
	case 1 << 16:
		return (*table)(unsafe.Pointer(new(sized[[1 << 16]slot])))
	case 1 << 17:
		return (*table)(unsafe.Pointer(new(sized[[1 << 17]slot])))
	case 1 << 18:
		return (*table)(unsafe.Pointer(new(sized[[1 << 18]slot])))
	case 1 << 19:
		return (*table)(unsafe.Pointer(new(sized[[1 << 19]slot])))
	case 1 << 20:
		return (*table)(unsafe.Pointer(new(sized[[1 << 20]slot])))
	case 1 << 21:
		return (*table)(unsafe.Pointer(new(sized[[1 << 21]slot])))
	case 1 << 22:
		return (*table)(unsafe.Pointer(new(sized[[1 << 22]slot])))
	}
	panic("gls: no table has so many slots")
}
