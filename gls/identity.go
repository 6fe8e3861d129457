package gls

import (
	"reflect"
	"sync/atomic"
	"unsafe"

	"github.com/seed18162548/contextvars/internal/binding"
)

// [Context.Equal] treats a binding as equal to itself, whatever its value, so
// every binding needs an identity. Its address cannot be that, because bindings
// are copied when the storage is compacted. For most types the value will do,
// because it equals its copy. For the others (types that can hold NaN, or
// something that == does not compare) the binding carries a number.

// A withID is a binding with an ID. The rest of the library sees its first
// field only.
type withID[T any] struct {
	binding.Of[T]
	id uint64
}

// bindingIDs is the last ID that was given to a binding.
var bindingIDs atomic.Uint64

// bind returns a new binding of v to x in the given form, not linked.
func (v *Var[T]) bind(x T, form binding.Form) *binding.Of[T] {
	if v.reflexive {
		switch form { // as newBinding does, without the call
		case binding.FormPlain:
			return &binding.Of[T]{X: x}
		case binding.FormTrie:
			return &(&binding.WithTrie[binding.Of[T]]{C: binding.Of[T]{X: x}}).C
		}
	}
	var id uint64
	if !v.reflexive {
		id = bindingIDs.Add(1)
	}
	return v.newBinding(x, id, form)
}

// newBinding is like bind, with a given ID, which counts unless T is reflexive.
func (v *Var[T]) newBinding(x T, id uint64, form binding.Form) *binding.Of[T] {
	b := binding.Of[T]{X: x}
	if v.reflexive {
		return binding.New(form, b)
	}
	return &binding.New(form, withID[T]{b, id}).Of
}

// bindingID returns the ID of b. T must not be reflexive.
func (v *Var[T]) bindingID(b *binding.Of[T]) uint64 {
	return (*withID[T])(unsafe.Pointer(b)).id
}

// sameBinding reports whether a and b, bindings of v, come from the same Set or
// have equal values.
func (v *Var[T]) sameBinding(a, b *binding.Cell) bool {
	if a == b {
		return true
	}
	x, y := v.of(a), v.of(b)
	if !v.reflexive && v.bindingID(x) == v.bindingID(y) {
		return true
	}
	return equalValues(x.X, y.X)
}

// isReflexive reports whether x == x for every x of type T. Types that ==
// compares as a whole by identity (func, map, slice) count as reflexive.
func isReflexive[T any]() bool {
	return reflexive(reflect.TypeOf((*T)(nil)).Elem())
}

func reflexive(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128, reflect.Interface:
		return false
	case reflect.Array:
		return t.Comparable() && (t.Len() == 0 || reflexive(t.Elem()))
	case reflect.Struct:
		for i := 0; i < t.NumField(); i++ {
			if f := t.Field(i).Type; !reflexive(f) || !f.Comparable() {
				return false
			}
		}
		return true
	default:
		// equalValues compares func, map and slice by identity.
		return true
	}
}

// equalValues reports whether a and b are equal: by == if both are comparable,
// otherwise by identity if they have one. It never panics.
func equalValues(a, b any) bool {
	x, y := reflect.ValueOf(a), reflect.ValueOf(b)
	if !x.IsValid() || !y.IsValid() {
		return x.IsValid() == y.IsValid() // nil interfaces
	}
	if x.Type() != y.Type() {
		return false
	}
	switch x.Kind() {
	case reflect.Map:
		return x.UnsafePointer() == y.UnsafePointer()
	case reflect.Slice:
		return x.UnsafePointer() == y.UnsafePointer() && x.Len() == y.Len()
	case reflect.Func:
		return closure(a) == closure(b)
	default:
		return x.Type().Comparable() && equalIfComparable(a, b)
	}
}

// equalIfComparable reports whether a == b. Both must be of the same comparable
// type. It returns false if an interface inside holds a value that is not
// comparable: == panics then, and reflect cannot tell in all cases (it
// considers a [0]struct{ f func() } comparable). No user code runs here.
func equalIfComparable(a, b any) (equal bool) {
	defer func() {
		if recover() != nil {
			equal = false
		}
	}()
	return a == b
}

// closure returns the address of the function value f, which tells two closures
// of one function apart; reflect gives the address of their common code. A
// function in an interface is its second word.
func closure(f any) unsafe.Pointer {
	return (*[2]unsafe.Pointer)(unsafe.Pointer(&f))[1]
}
