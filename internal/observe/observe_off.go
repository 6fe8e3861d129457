//go:build !gls_doctor

// Package observe lets gls doctor watch a program that uses this library, which
// it builds with the tag gls_doctor. Without the tag everything in this package
// is empty, and the compiler removes it.
package observe

// On reports whether the program may be watched.
const On = false

// Missed tells a watcher that a read of the variable key finds nothing.
func Missed(key uint32) {}

// Bound tells a watcher that the variable key is bound.
func Bound(key uint32) {}

// Mark returns a function that calls its argument on another goroutine, as work
// for the calling goroutine.
func Mark() func(func()) { return func(f func()) { f() } }
