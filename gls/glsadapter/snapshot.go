package glsadapter

import (
	"encoding"
	"encoding/json"
	"fmt"
	"log/slog"
	"reflect"
	"time"
)

// Snapshot returns a value that has the type of x, prints like x and cannot be
// modified by anyone else: x itself if it consists of numbers, strings and the
// like, and a deep copy if it is a map, a slice or a pointer to a struct.
//
// It reports false if there is no such value: if the type of x or of something
// in x has a method that encoders call, if x contains pointers, or if it has
// unexported fields that could change. Such values must be rendered instead.
// Nobody may modify x during the call.
func Snapshot(x any) (same any, ok bool) {
	v := reflect.ValueOf(x)
	if !v.IsValid() {
		return nil, true
	}
	if v.Kind() == reflect.Pointer && !v.IsNil() && isAggregate(v.Type().Elem()) && !isRendered(v.Type()) {
		elem, ok := copyOf(v.Elem(), 0)
		if !ok {
			return nil, false
		}
		p := reflect.New(elem.Type())
		p.Elem().Set(elem)
		return p.Convert(v.Type()).Interface(), true
	}
	y, ok := copyOf(v, 0)
	if !ok {
		return nil, false
	}
	return y.Interface(), true
}

// maxNesting is the depth to which Snapshot descends. Deeper values may be
// cyclic.
const maxNesting = 16

// copyOf is Snapshot for a value at the given depth.
func copyOf(v reflect.Value, depth int) (y reflect.Value, ok bool) {
	t := v.Type()
	switch {
	case isFixed(t):
		return v, true
	case isRendered(t), depth > maxNesting:
		return y, false
	}
	y = reflect.New(t).Elem()
	switch v.Kind() {
	case reflect.Pointer:
		return y, v.IsNil()
	case reflect.Interface:
		if v.IsNil() {
			return y, true
		}
		elem, ok := copyOf(v.Elem(), depth+1)
		if ok {
			y.Set(elem)
		}
		return y, ok
	case reflect.Slice:
		if v.IsNil() {
			return y, true
		}
		y.Set(reflect.MakeSlice(t, v.Len(), v.Len()))
		return y, copyElements(y, v, depth)
	case reflect.Array:
		return y, copyElements(y, v, depth)
	case reflect.Map:
		return copyMap(v, depth)
	case reflect.Struct:
		y.Set(v) // unexported fields too
		for i := 0; i < v.NumField(); i++ {
			if isFixed(t.Field(i).Type) {
				continue
			}
			if !t.Field(i).IsExported() {
				return y, false
			}
			elem, ok := copyOf(v.Field(i), depth+1)
			if !ok {
				return y, false
			}
			y.Field(i).Set(elem)
		}
		return y, true
	default:
		return y, false
	}
}

// copyElements copies the elements of v, a slice or an array, to y.
func copyElements(y, v reflect.Value, depth int) bool {
	for i := 0; i < v.Len(); i++ {
		elem, ok := copyOf(v.Index(i), depth+1)
		if !ok {
			return false
		}
		y.Index(i).Set(elem)
	}
	return true
}

// copyMap returns a copy of the map v.
func copyMap(v reflect.Value, depth int) (y reflect.Value, ok bool) {
	if v.IsNil() {
		return v, true
	}
	y = reflect.MakeMapWithSize(v.Type(), v.Len())
	for entries := v.MapRange(); entries.Next(); {
		key, ok := copyOf(entries.Key(), depth+1)
		if !ok {
			return y, false
		}
		elem, ok := copyOf(entries.Value(), depth+1)
		if !ok {
			return y, false
		}
		y.SetMapIndex(key, elem)
	}
	return y, true
}

func isAggregate(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Struct, reflect.Map, reflect.Slice, reflect.Array:
		return true
	default:
		return false
	}
}

// isFixed reports whether a copy of a value of type t can never change, and
// whether encoders call no method of it, whose result could change.
func isFixed(t reflect.Type) bool {
	switch t {
	case timeType, durationType, levelType:
		return true
	}
	if isRendered(t) {
		return false
	}
	switch t.Kind() {
	case reflect.Pointer, reflect.Interface, reflect.Map, reflect.Slice:
		return false
	case reflect.Array:
		return isFixed(t.Elem())
	case reflect.Struct:
		for i := 0; i < t.NumField(); i++ {
			if !isFixed(t.Field(i).Type) {
				return false
			}
		}
		return true
	default: // a channel or a function is printed as its address, or not at all
		return true
	}
}

var (
	timeType     = reflect.TypeOf(time.Time{})
	durationType = reflect.TypeOf(time.Duration(0))
	levelType    = reflect.TypeOf(slog.Level(0))

	// renderers lists the interfaces that encoders look for.
	renderers = []reflect.Type{
		reflect.TypeOf((*json.Marshaler)(nil)).Elem(),
		reflect.TypeOf((*encoding.TextMarshaler)(nil)).Elem(),
		reflect.TypeOf((*error)(nil)).Elem(),
		reflect.TypeOf((*fmt.Stringer)(nil)).Elem(),
		reflect.TypeOf((*fmt.Formatter)(nil)).Elem(),
		reflect.TypeOf((*slog.LogValuer)(nil)).Elem(),
	}
)

// isRendered reports whether t, or a pointer to t, has a method that encoders
// call. They do so for a pointer if a value is addressable.
func isRendered(t reflect.Type) bool {
	if t.NumMethod() == 0 && (t.Name() == "" || t.Kind() == reflect.Interface) {
		return false
	}
	for _, r := range renderers {
		if t.Kind() == reflect.Interface {
			continue // what is in it counts
		}
		if t.Implements(r) || reflect.PointerTo(t).Implements(r) {
			return true
		}
	}
	return false
}
