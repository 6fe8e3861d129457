// Package agent starts goroutines whose first function is its own, or a wrapper
// that the compiler makes in its name.
package agent

// A Worker is something that works.
type Worker interface{ Work() }

// Work calls f.
func Work(f func()) { f() }

// Embedding promotes the methods of its Worker.
type Embedding struct{ Worker }

// A Func is a Worker that calls itself.
type Func func()

// Work calls f.
func (f Func) Work() { f() }

// Go calls f in a goroutine: the function that it began with is f.
func Go(f func()) { go f() }

// GoArgs calls f with x in a goroutine, which begins with a wrapper.
func GoArgs[T any](f func(T), x T) { go f(x) }

// GoMethod calls w.Work in a goroutine, which begins with a wrapper.
func GoMethod(w Worker) { go w.Work() }
