package binding

import "unsafe"

// A Query is how a variable asks for its binding: which one, and what is the
// answer if there is none. It is immutable.
type Query struct {
	Key Key
	bit uint32 // of Key in the filter of a mark

	// Else is the answer where Key is not bound; nil means that Miss has it.
	Else *Cell
	// Miss returns the answer, or nil if it has put a value into *x instead. It
	// may run user code.
	Miss func(x unsafe.Pointer) *Cell
}

// NewQuery returns a Query for key whose answer is c if key is not bound.
func NewQuery(key Key, c *Cell) Query { return Query{Key: key, bit: filterBit(key), Else: c} }

// What an assembly version of a look-up has to know.
const (
	QueryKey  = unsafe.Offsetof(Query{}.Key)
	QueryBit  = unsafe.Offsetof(Query{}.bit)
	QueryElse = unsafe.Offsetof(Query{}.Else)
)
