//go:build go1.24

package glslog

import (
	"weak"

	"github.com/seed18162548/contextvars/internal/binding"
)

// A bindingRef refers to a binding without keeping its value alive. Weak
// pointers appear with Go 1.24; see binding_go121.go.
type bindingRef struct {
	cell weak.Pointer[binding.Cell]
}

// refTo returns a reference to the binding c. It reports whether there is one.
func refTo(c *binding.Cell) (bindingRef, bool) {
	return bindingRef{weak.Make(c)}, c != nil
}

// is reports whether r refers to c, which must not be nil. A pointer to
// something that was freed equals no other, even at the same address.
func (r bindingRef) is(c *binding.Cell) bool { return r.cell.Value() == c }
