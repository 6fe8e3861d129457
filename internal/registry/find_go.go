//go:build !gc || !(amd64 || arm64) || gls_safe || gls_tiny || race

package registry

import "github.com/seed18162548/contextvars/internal/binding"

// Find returns the binding of key in the Context that the calling goroutine is
// in, or nil. It takes no lock, writes nothing and allocates nothing.
func Find(key binding.Key) *binding.Cell { return Search(key) }

// Own is Mine, for those who go on to Join.
func Own() *State { return searchMine() }

// Mine returns the State of the calling goroutine, or nil if it holds none. It
// takes no lock, writes nothing and allocates nothing.
func Mine() *State { return searchMine() }

// Fast reports that Find finds what there is.
const Fast = true
