package gls

import "github.com/seed18162548/contextvars/internal/binding"

// Len returns the number of variables that are bound in c. In Python:
// len(ctx).
func (c *Context) Len() int { return binding.Len(c.root()) }

// Has reports whether v is bound in c. In Python: "var in ctx".
func (c *Context) Has(v AnyVar) bool { return c.root().Find(v.number()) != nil }

// Range calls f for every binding of c, as it was when Range was called, in the
// order in which the variables were made, until f returns false. It calls f
// without holding a lock. From Go 1.23 on, Context.All does the same as an
// iterator. In Python: Context.items().
func (c *Context) Range(f func(v AnyVar, x any) bool) {
	for _, cell := range binding.Cells(c.root()) {
		v := varOf(cell)
		if !f(v, v.valueOf(cell)) {
			return
		}
	}
}

// Equal reports whether c and d bind the same variables to equal values. It
// compares values with == if both are comparable at run time. Maps, functions,
// channels and slices are equal if they are identical (for slices: the same
// pointer and length); other values that == cannot compare are not equal. A
// binding equals itself and its copies, even if it holds NaN. A variable that
// is bound to nil differs from an unbound one. Equal never panics. In Python:
// ctx == ctx.
func (c *Context) Equal(d *Context) bool {
	if c == nil || d == nil {
		return c == d
	}
	a, b := c.root(), d.root()
	if a == b {
		return true
	}
	as, bs := binding.Cells(a), binding.Cells(b)
	if len(as) != len(bs) {
		return false
	}
	for i := range as {
		if as[i].Key() != bs[i].Key() || !varOf(as[i]).sameBinding(as[i], bs[i]) {
			return false
		}
	}
	return true
}

// varOf returns the variable that c binds. Only Vars are registered.
func varOf(c *binding.Cell) AnyVar { return binding.VariableOf(c.Key()).Owner.(AnyVar) }
