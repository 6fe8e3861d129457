package binding

import "unsafe"

// A Query is the argument of a look-up: the key of the variable, and the result
// if it is not bound. It is immutable.
type Query struct {
	Key Key
	bit uint32 // of Key in the filter of a meta word
	// slot is the offset of Key's slot in the index of a cell from the cell.
	slot int

	// Default is the result if Key is not bound. If it is nil, Compute is called.
	Default *Cell
	// Compute returns the result, or nil if it has stored a value in *x instead. It
	// may run user code.
	Compute func(x unsafe.Pointer) *Cell
}

// NewQuery returns a Query for key, with c as the result if key is not bound.
func NewQuery(key Key, c *Cell) Query {
	slot := indexOffset + int(slotOf(key))*int(wordSize)
	return Query{Key: key, bit: filterBit(key), slot: slot, Default: c}
}

// Constants for the assembly version of a look-up.
const (
	QueryKey     = unsafe.Offsetof(Query{}.Key)
	QueryBit     = unsafe.Offsetof(Query{}.bit)
	QuerySlot    = unsafe.Offsetof(Query{}.slot)
	QueryDefault = unsafe.Offsetof(Query{}.Default)
)
