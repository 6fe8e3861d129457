package binding

import "unsafe"

// A Query is how a variable asks for its binding. It has the variable's key and
// the answer if there is no binding. It is immutable.
type Query struct {
	Key Key
	bit uint32 // of Key in the filter of a meta word
	// slot is where Key's slot in the index of a cell is, from the cell on.
	slot int

	// Default is the answer where Key is not bound. If it is nil, Compute is
	// called.
	Default *Cell
	// Compute returns the answer. It returns nil if it has put a value into *x
	// instead. It may run user code.
	Compute func(x unsafe.Pointer) *Cell
}

// NewQuery returns a Query for key, with c as the answer if key is not bound.
func NewQuery(key Key, c *Cell) Query {
	slot := indexOffset + int(slotOf(key))*int(wordSize)
	return Query{Key: key, bit: filterBit(key), slot: slot, Default: c}
}

// What an assembly version of a lookup has to know.
const (
	QueryKey     = unsafe.Offsetof(Query{}.Key)
	QueryBit     = unsafe.Offsetof(Query{}.bit)
	QuerySlot    = unsafe.Offsetof(Query{}.slot)
	QueryDefault = unsafe.Offsetof(Query{}.Default)
)
