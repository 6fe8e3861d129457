//go:build !race

package binding

// The stores of this file are plain where the loads are atomic. On amd64 that is
// enough for what Root and the used mark promise: the processor makes the stores
// of one core visible in their order (x86-TSO), the compiler emits them in the
// order of the program (each depends on the memory that the one before leaves),
// and an aligned word is never seen half written. Package atomic has only
// sequentially consistent stores, an XCHG on this port, which also wait until
// all earlier stores are visible; nothing here needs that, and two of them were
// a fifth of a Set and its Reset. Other ports and race builds use package
// atomic (publish.go), so that the race detector checks the protocol.

// Store makes c the map.
func (r *Root) Store(c *Cell) { r.cell = c }

func (c *Cell) setMark(mark uint32) { c.mark = mark }
