package glsdebug

import (
	"fmt"
	"reflect"
	"strconv"
	"unicode/utf8"
)

// text returns x as text and true, or the type of x and false if x must not be
// read while its goroutine runs. It may run user code.
func text(x any) (s string, ok bool) {
	switch x := x.(type) {
	case nil:
		return "nil", true
	case string:
		return x, true
	case fmt.Stringer, error:
		return fmt.Sprint(x), true // Sprint recovers panics
	}
	t := reflect.TypeOf(x)
	if immutable(t) {
		return fmt.Sprint(x), true
	}
	return t.String(), false
}

// runsCode reports whether text(x) may call methods of x or of its parts.
func runsCode(x any) bool {
	switch x.(type) {
	case nil, string:
		return false
	case fmt.Stringer, error:
		return true
	}
	switch reflect.TypeOf(x).Kind() {
	case reflect.Array, reflect.Struct:
		return true
	default:
		return false
	}
}

// immutable reports whether values of type t refer to nothing that could
// change.
func immutable(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Array:
		return immutable(t.Elem())
	case reflect.Struct:
		for i := 0; i < t.NumField(); i++ {
			if !immutable(t.Field(i).Type) {
				return false
			}
		}
		return true
	case reflect.Chan, reflect.Func, reflect.Interface, reflect.Map, reflect.Pointer, reflect.Slice, reflect.UnsafePointer:
		return false
	default:
		return true
	}
}

// legible returns s if all its characters are visible, and s quoted otherwise.
// Control characters would take effect in a terminal, and marks that reverse
// the direction of writing would make s look like something else.
func legible(s string) string {
	for _, r := range s {
		if r == utf8.RuneError || !strconv.IsGraphic(r) {
			return strconv.QuoteToGraphic(s)
		}
	}
	return s
}

// clip returns at most the first max bytes of s, in whole runes, and the number
// of bytes that follow.
func clip(s string, max int) (head string, more int) {
	if len(s) <= max {
		return s, 0
	}
	n := max
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n], len(s) - n
}
