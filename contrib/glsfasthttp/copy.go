package glsfasthttp

import (
	"reflect"
	"strings"
)

// Copy returns x with copies of all strings and bytes in it, so that none of
// them is in memory that fasthttp reuses. It descends into slices, arrays,
// maps, interfaces, and exported fields of structs. It does not follow pointers
// and does not copy unexported fields; the program has to copy those itself.
//
// It costs one allocation for a string.
func Copy[T any](x T) T {
	switch p := any(&x).(type) {
	case *string:
		*p = strings.Clone(*p)
	default:
		v := reflect.ValueOf(&x).Elem()
		v.Set(copyOf(v))
	}
	return x
}

// copyOf returns v, or a copy of v that shares no strings or bytes with it.
func copyOf(v reflect.Value) reflect.Value {
	if !hasText(v.Type()) {
		return v
	}
	switch v.Kind() {
	case reflect.String:
		return reflect.ValueOf(strings.Clone(v.String())).Convert(v.Type())
	case reflect.Interface:
		if v.IsNil() {
			return v
		}
		y := reflect.New(v.Type()).Elem()
		y.Set(copyOf(v.Elem()))
		return y
	case reflect.Slice:
		if v.IsNil() {
			return v
		}
		y := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		if v.Type().Elem().Kind() == reflect.Uint8 {
			reflect.Copy(y, v)
			return y
		}
		for i := 0; i < v.Len(); i++ {
			y.Index(i).Set(copyOf(v.Index(i)))
		}
		return y
	case reflect.Array:
		y := reflect.New(v.Type()).Elem()
		for i := 0; i < v.Len(); i++ {
			y.Index(i).Set(copyOf(v.Index(i)))
		}
		return y
	case reflect.Map:
		if v.IsNil() {
			return v
		}
		y := reflect.MakeMapWithSize(v.Type(), v.Len())
		for entries := v.MapRange(); entries.Next(); {
			y.SetMapIndex(copyOf(entries.Key()), copyOf(entries.Value()))
		}
		return y
	default: // a struct
		y := reflect.New(v.Type()).Elem()
		y.Set(v)
		for i := 0; i < v.NumField(); i++ {
			if v.Type().Field(i).IsExported() {
				y.Field(i).Set(copyOf(v.Field(i)))
			}
		}
		return y
	}
}

// hasText reports whether a value of type t can have strings or slices that
// Copy copies.
func hasText(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.String, reflect.Interface, reflect.Slice, reflect.Map:
		return true
	case reflect.Array:
		return hasText(t.Elem())
	case reflect.Struct:
		for i := 0; i < t.NumField(); i++ {
			if f := t.Field(i); f.IsExported() && hasText(f.Type) {
				return true
			}
		}
	}
	return false
}
