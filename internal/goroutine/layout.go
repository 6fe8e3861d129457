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
//     liblink", so it has not moved since Go 1.5); lockedm is a word behind
//     them that equals m between LockOSThread and UnlockOSThread, and is zero
//     else.
//   - While a goroutine lives, its g keeps its goid. A g whose status is dead
//     (6, the scan bit masked) bears none that will run again, with one
//     exception: up to Go 1.25 the g of a thread that C created is dead between
//     two callbacks, and comes back with the same goid. It has its lockedm all
//     the time. Its m is no help: that is set while it is dead, but nil while a
//     callback waits, so that a look at the status and a later one at m can add
//     up to a goroutine that has ended.
//   - A g is never freed, only used again under another goid.
//
// Checked against Go 1.21 to 1.27. None of it is trusted: calibrate and
// findLocked look for the offsets in this process, and check.go watches
// running, blocked and ended goroutines through them. The tests of this package
// and TestCgoCallbacksKeepTheirEntries must pass on a new release before this
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

// A layout says where in g the fields are.
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

// observe reads g's fields. Each is one atomic load, because the runtime
// changes them at any time; the four together are not a consistent picture,
// and no caller needs one.
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

// ended reports whether goroutine id, whose g was g when it ran, has ended. It
// is true only if that stays so; the argument is in DESIGN, "Liveness".
// On 32-bit ports the low words of the IDs are compared: equal low words of
// different IDs keep an entry too long, never remove one too early.
func (l layout) ended(g unsafe.Pointer, id int64) bool {
	// Most of the goroutines that are asked for live: then the first two
	// words, which are in one cache line, suffice.
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
