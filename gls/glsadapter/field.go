package glsadapter

import (
	"fmt"

	"github.com/seed18162548/contextvars/gls"
)

// A Field is a variable and the key under which an adapter shows it.
type Field[V any] struct {
	// Key is the name that the value has in a log line or a comment.
	Key string
	// Find returns the value for the calling goroutine, and reports whether
	// the variable is bound. A default does not count as bound.
	Find func() (x V, bound bool)
}

// NewField returns a field with the given key that shows v as the function
// value renders it. Field.Find calls value on the calling goroutine, and only
// if v is bound; it allocates nothing itself. If value is nil, NewField panics
// as [MustFunc] does; where is the name of the adapter's function.
func NewField[T, V any](where, key string, v *gls.Var[T], value func(T) V) Field[V] {
	MustFunc(where, value == nil)
	return Field[V]{key, func() (x V, bound bool) {
		from, bound := v.Lookup()
		if !bound {
			return x, false
		}
		return value(from), true
	}}
}

// TextOf returns x as text: a string unchanged, anything else as [fmt.Sprint]
// prints it. It allocates nothing for strings.
func TextOf[T any](x T) string {
	if s, ok := any(&x).(*string); ok {
		return *s
	}
	return fmt.Sprint(x)
}
