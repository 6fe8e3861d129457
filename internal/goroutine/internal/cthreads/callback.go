//go:build cgo && (linux || darwin)

package cthreads

// #include <stdint.h>
import "C"

import "runtime/cgo"

// Not in cthreads.go: a file that exports must not define C functions.

//export contextvarsCallback
func contextvarsCallback(f C.uintptr_t, thread, round C.int) {
	cgo.Handle(f).Value().(func(thread, round int))(int(thread), int(round))
}
