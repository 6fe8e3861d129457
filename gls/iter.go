//go:build go1.23

package gls

import "iter"

// All returns an iterator over the bindings of c, in the order in which the
// variables were made. The bindings are those that c has when the range
// statement starts, whatever is set meanwhile. It requires Go 1.23; see
// [Context.Range]. In Python: Context.items().
func (c *Context) All() iter.Seq2[AnyVar, any] {
	return func(yield func(AnyVar, any) bool) { c.Range(yield) }
}
