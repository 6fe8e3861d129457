package binding

import "unsafe"

// A Query is how a variable asks for its binding: which one, and what is the
// answer if there is none. It is immutable.
type Query struct {
	Key Key

	// Else is the answer where Key is not bound; nil means that Miss has it.
	Else *Cell
	// Miss returns the answer, or nil if it has put a value into *x instead. It
	// may run user code.
	Miss func(x unsafe.Pointer) *Cell
}

// What an assembly version of a look-up has to know.
const (
	QueryKey  = unsafe.Offsetof(Query{}.Key)
	QueryElse = unsafe.Offsetof(Query{}.Else)
)
