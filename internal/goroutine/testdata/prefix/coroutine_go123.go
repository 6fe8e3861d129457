//go:build go1.23

package main

import "iter"

func init() {
	ways["coroutine"] = func(f func()) { go coroutine(f) }
	ways["coroutine that waits"] = func(f func()) { go coroutine(func() { coroutine(f) }) }
}

// coroutine calls f on the goroutine of an iterator's body, and waits for it on
// the caller's.
func coroutine(f func()) {
	next, stop := iter.Pull(func(yield func(int) bool) { f() })
	defer stop()
	next()
}
