package goroutine

import (
	"runtime"
	"sync/atomic"
	"unsafe"
)

// What this file assumes of the runtime's g:
//
//   - goid is a 64-bit word, and the 32-bit word eight bytes before it is
//     atomicstatus; m is the seventh word of g (its offset is "known to arm
//     liblink", so it has not moved since Go 1.5); lockedm is a word after
//     these that equals m between LockOSThread and UnlockOSThread, and is zero
//     otherwise.
//   - While a goroutine lives, its g keeps its goid. A goroutine whose g is
//     dead (status 6, with the scan bit masked) never runs again, with one
//     exception: up to Go 1.25 the g of a thread that C created is dead between
//     two callbacks, and comes back with the same goid. It keeps its lockedm
//     all the time. Its m is no help: it is set while the g is dead, but nil
//     while a callback waits, so the status read at one moment and m read at a
//     later one can together look like a goroutine that has ended.
//   - A g is never freed, only reused under another goid.
//
// This was checked against Go 1.21 to 1.27, and is verified in every process:
// calibrate and findLocked search for the offsets, and check.go reads running,
// blocked and ended goroutines through them. The tests of this package and
// TestCgoCallbacksKeepTheirEntries must pass on a new release before this
// comment names it.

const (
	statusRunning = 2
	statusWaiting = 4
	statusDead    = 6
	statusScanBit = 0x1000

	wordSize  = unsafe.Sizeof(uintptr(0))
	mOffset   = 6 * wordSize
	goidWords = 32 // goid is word 19 to 21 on 64-bit ports, 23 to 26 on others
	lockWords = 48 // lockedm is word 26 to 33
)

// A layout holds the offsets of the fields of g.
type layout struct {
	goid    uintptr
	status  uintptr
	m       uintptr
	lockedM uintptr
}

// An observation is what a layout shows of one g at one moment.
type observation struct {
	id      uintptr // low word of goid
	status  uint32
	m       uintptr
	lockedM uintptr
}

// observe reads g's fields. Each read is one atomic load, because the runtime
// may change the fields at any time. The four values may be from different
// moments; no caller needs them to be consistent.
func (l layout) observe(g unsafe.Pointer) observation {
	return observation{
		id:      word(g, l.goid),
		status:  l.statusOf(g),
		m:       word(g, l.m),
		lockedM: word(g, l.lockedM),
	}
}

// statusOf reads the status of g, without the scan bit.
func (l layout) statusOf(g unsafe.Pointer) uint32 {
	return atomic.LoadUint32((*uint32)(unsafe.Add(g, l.status))) &^ statusScanBit
}

// word reads the word of g at offset.
func word(g unsafe.Pointer, offset uintptr) uintptr {
	return atomic.LoadUintptr((*uintptr)(unsafe.Add(g, offset)))
}

// ended reports whether goroutine id, whose g was g when it ran, has ended. If
// it returns true, that is final; the argument is in DESIGN, "Liveness". On
// 32-bit ports only the low words of the IDs are compared: if different IDs
// have equal low words, an entry is kept too long, but never removed too early.
func (l layout) ended(g unsafe.Pointer, id int64) bool {
	// Most of the goroutines are alive. For these, the first two words, which are
	// in one cache line, suffice.
	return word(g, l.goid) != uintptr(id) ||
		l.statusOf(g) == statusDead && word(g, l.m) == 0 && word(g, l.lockedM) == 0
}

// A sample is a g together with the ID that the stack trace gave for it.
type sample struct {
	g  unsafe.Pointer
	id int64
}

// calibrate finds the goid in the g of every sample. It reports ok only if
// exactly one offset fits all of them. On 32-bit ports, which are all
// little-endian, the word at that offset is the low one.
func calibrate(samples []sample) (l layout, ok bool) {
	found := 0
	for off := 2 * wordSize; off < goidWords*wordSize; off += wordSize {
		fits := true
		for _, s := range samples {
			if word(s.g, off) != uintptr(s.id) {
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

// findLocked finds the lockedm in the calling goroutine's g, which must not be
// locked to a thread. It reports ok only if exactly one word behaves like it.
func findLocked(g unsafe.Pointer) (offset uintptr, ok bool) {
	var before [lockWords]uintptr
	for i := range before {
		before[i] = word(g, uintptr(i)*wordSize)
	}
	runtime.LockOSThread()
	m := word(g, mOffset)
	var candidates []uintptr
	for i, was := range before {
		if at := uintptr(i) * wordSize; was == 0 && m != 0 && word(g, at) == m {
			candidates = append(candidates, at)
		}
	}
	runtime.UnlockOSThread()
	if len(candidates) != 1 || word(g, candidates[0]) != 0 {
		return 0, false
	}
	return candidates[0], true
}
