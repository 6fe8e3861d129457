package glsadapter

import (
	"fmt"

	"github.com/seed18162548/contextvars/gls"
)

// A Field is a variable under the key that an adapter shows it with.
type Field[V any] struct {
	// Key is the name that the value has in a log line or a comment.
	Key string
	// Find returns the value for the calling goroutine, and reports whether
	// the variable is bound. A default does not count as bound.
	Find func() (x V, bound bool)
}

// NewField returns the field of v with the given key, whose values are those
// that value returns. Field.Find calls value on the calling goroutine, and only
// if v is bound; it allocates nothing itself. A nil value panics as in
// [MustFunc], where names the adapter's function.
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

// TextOf returns x as text: a string as it is, anything else as [fmt.Sprint]
// prints it. It allocates nothing for strings.
func TextOf[T any](x T) string {
	if s, ok := any(&x).(*string); ok {
		return *s
	}
	return fmt.Sprint(x)
}
