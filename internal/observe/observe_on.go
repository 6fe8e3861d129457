//go:build gls_doctor

package observe

// On reports whether the program may be watched.
const On = true

// A Watcher is notified of events. Its methods are called on the goroutine that
// causes the event.
type Watcher interface {
	// Missed is called before a read of the variable key finds nothing.
	Missed(key uint32)
	// Bound is called when the variable key is bound.
	Bound(key uint32)
	// Mark returns a function that calls its argument on another goroutine, as work
	// for the calling goroutine.
	Mark() func(func())
}

// watcher is set before main starts.
var watcher Watcher

// Watch sets the watcher. It is for init functions.
func Watch(w Watcher) { watcher = w }

// Missed tells the watcher that a read of the variable key finds nothing.
func Missed(key uint32) {
	if watcher != nil {
		watcher.Missed(key)
	}
}

// Bound tells the watcher that the variable key is bound.
func Bound(key uint32) {
	if watcher != nil {
		watcher.Bound(key)
	}
}

// Mark returns a function that calls its argument on another goroutine, as work
// for the calling goroutine.
func Mark() func(func()) {
	if watcher != nil {
		return watcher.Mark()
	}
	return func(f func()) { f() }
}
