//go:build gls_doctor

package observe

// On reports whether somebody may watch.
const On = true

// A Watcher is what watches. Its functions are called on the goroutines that do
// what they are told of.
type Watcher interface {
	// Missed is called before a read of the variable key finds nothing.
	Missed(key uint32)
	// Bound is called when the variable key is bound.
	Bound(key uint32)
	// Mark remembers what is known of the calling goroutine. What it
	// returns calls a function on another goroutine that works for it.
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

// Mark asks the watcher to remember what is known of the calling goroutine.
// What it returns calls a function on another goroutine that works for it.
func Mark() func(func()) {
	if watcher != nil {
		return watcher.Mark()
	}
	return func(f func()) { f() }
}
