package binding

import (
	"sync"
	"sync/atomic"
)

// A Variable is what the map needs of a variable, whose type it does not know.
type Variable struct {
	// Owner is the variable itself, for callers that list bindings.
	Owner any
	// Clone returns a new, unlinked cell in the given form, with the value and the
	// identity of the binding c.
	Clone func(c *Cell, form Form) *Cell
	// Fork returns the binding that a spawned goroutine gets in place of c, which
	// is not linked, or nil for none. It may run user code. It is nil for variables
	// without a spawn policy.
	Fork func(c *Cell) *Cell
}

// variables has every registered variable by key. It only grows: variables
// should be at package level, where they stay reachable anyway. The key 0 is
// reserved for unregistered variables.
var variables struct {
	mu   sync.Mutex                  // serialises Register
	list atomic.Pointer[[]*Variable] // its elements are immutable once published
}

// Register assigns a key to v. It keeps v for the life of the process.
func Register(v *Variable) Key {
	variables.mu.Lock()
	defer variables.mu.Unlock()
	list := []*Variable{nil}
	if p := variables.list.Load(); p != nil {
		list = *p
	}
	key := Key(len(list))
	if key == trieKey {
		panic("gls: too many variables")
	}
	// Readers have shorter slices of the same array and never read the element that
	// append writes.
	list = append(list, v)
	variables.list.Store(&list)
	return key
}

// VariableOf returns the variable with the given key.
func VariableOf(key Key) *Variable { return (*variables.list.Load())[key] }
