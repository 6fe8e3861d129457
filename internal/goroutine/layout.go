package goroutine

import (
	"sync/atomic"
	"unsafe"
)

// What this file assumes of the runtime's g:
//
//   - goid is a 64-bit word, and the 32-bit word eight bytes before it is
//     atomicstatus; m is the seventh word of g (its offset is "known to arm
//     liblink", so it has not moved since Go 1.5).
//   - A g whose status is dead (6, the scan bit masked) and whose m is nil bears
//     no goroutine. The g of a thread that C created is dead between two
//     callbacks too, but keeps its m, and comes back with the same goid.
//   - While a goroutine lives, its g keeps its goid, and is never both dead and
//     without m. A g is never freed, only reused under another goid.
//
// Checked against Go 1.21 to 1.27. None of it is trusted: calibrate looks for
// the offsets in this process and check.go watches running, blocked and ended
// goroutines through them. TestLiveness and TestCgoCallbacksKeepTheirEntries
// must pass on a new release before this comment names it.

const (
	statusRunning = 2
	statusWaiting = 4
	statusDead    = 6
	statusScanBit = 0x1000

	wordSize  = unsafe.Sizeof(uintptr(0))
	mOffset   = 6 * wordSize
	scanWords = 32 // goid is word 19 to 21 on 64-bit ports, later on none
)

// A layout says where in g the fields are.
type layout struct {
	goid   uintptr
	status uintptr
	m      uintptr
}

// An observation is what a layout shows of one g at one moment.
type observation struct {
	id     uintptr // low word of goid
	status uint32
	m      uintptr
}

// observe reads g's fields. Each is one atomic load, because the runtime
// changes them at any time; the three together are not a consistent picture,
// and no caller needs one.
func (l layout) observe(g unsafe.Pointer) observation {
	return observation{
		id:     atomic.LoadUintptr((*uintptr)(unsafe.Add(g, l.goid+lowWord))),
		status: atomic.LoadUint32((*uint32)(unsafe.Add(g, l.status))) &^ statusScanBit,
		m:      atomic.LoadUintptr((*uintptr)(unsafe.Add(g, l.m))),
	}
}

// ended reports whether goroutine id, whose g was g when it ran, has ended. It
// is true only if that holds for ever; the argument is in DESIGN, "Liveness".
// On 32-bit ports the low words of the IDs are compared: equal low words of
// different IDs keep an entry too long, never remove one too early.
func (l layout) ended(g unsafe.Pointer, id int64) bool {
	o := l.observe(g)
	return o.id != uintptr(id) || o.status == statusDead && o.m == 0
}

// A specimen is a g together with the ID that the stack trace gave for it.
type specimen struct {
	g  unsafe.Pointer
	id int64
}

// calibrate finds the goid in the g of every specimen. It reports ok only if
// exactly one offset fits all of them.
func calibrate(specimens []specimen) (l layout, ok bool) {
	found := 0
	for off := 2 * wordSize; off < scanWords*wordSize; off += wordSize {
		fits := true
		for _, s := range specimens {
			word := atomic.LoadUintptr((*uintptr)(unsafe.Add(s.g, off+lowWord)))
			if word != uintptr(s.id) {
				fits = false
				break
			}
		}
		if fits {
			found++
			l = layout{goid: off, status: off - 8, m: mOffset}
		}
	}
	return l, found == 1
}

// lowWord is the distance from a 64-bit field to its low uintptr. It is zero
// on every port that reads g: the one big-endian port there, s390x, has 64-bit
// words.
const lowWord = 0
