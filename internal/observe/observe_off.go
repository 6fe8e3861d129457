//go:build !gls_doctor

// Package observe is how gls doctor watches a program that uses this library:
// it builds with the tag gls_doctor. Without the tag everything here is empty,
// and the compiler leaves nothing of it.
package observe

// On reports whether somebody may watch.
const On = false

// Missed tells a watcher that a read of the variable key finds nothing.
func Missed(key uint32) {}

// Bound tells a watcher that the variable key is bound.
func Bound(key uint32) {}

// Mark asks a watcher to remember what is known of the calling goroutine. What
// it returns calls a function on another goroutine that works for it.
func Mark() func(func()) { return func(f func()) { f() } }
