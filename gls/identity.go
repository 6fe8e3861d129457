package gls

import (
	"reflect"
	"sync/atomic"
	"unsafe"

	"github.com/seed18162548/contextvars/internal/binding"
)

// Every Set makes a binding with an identity of its own, which [Context.Equal]
// respects: a binding equals itself, whatever its value. Bindings are copied
// when the storage is laid out anew, so their address is not that identity.
// For most types none is needed, because a value equals its copy. Where that
// does not hold (NaN, and whatever == does not compare), the binding carries a
// number.

// An identified is a binding of a variable whose values may differ from
// themselves. Its head is the Of that everything else sees.
type identified[T any] struct {
	binding.Of[T]
	id uint64
}

// identities counts the identified bindings of the process.
var identities atomic.Uint64

// bind returns a new binding of v to x, not linked, in a binding.Deep if deep.
func (v *Var[T]) bind(x T, deep bool) *binding.Of[T] {
	var id uint64
	if v.selfless {
		id = identities.Add(1)
	}
	return v.newBinding(x, id, deep)
}

// newBinding is bind with a given identity, which counts only if v is selfless.
func (v *Var[T]) newBinding(x T, id uint64, deep bool) *binding.Of[T] {
	b := binding.Of[T]{X: x}
	switch {
	case v.selfless && deep:
		return &(&binding.Deep[identified[T]]{C: identified[T]{b, id}}).C.Of
	case v.selfless:
		return &(&identified[T]{b, id}).Of
	case deep:
		return &(&binding.Deep[binding.Of[T]]{C: b}).C
	default:
		return &binding.Of[T]{X: x}
	}
}

// identify returns the number of b. v must be selfless.
func (v *Var[T]) identify(b *binding.Of[T]) uint64 {
	return (*identified[T])(unsafe.Pointer(b)).id
}

// sameBinding reports whether a and b, bindings of v, come from the same Set or
// have equal values.
func (v *Var[T]) sameBinding(a, b *binding.Cell) bool {
	if a == b {
		return true
	}
	x, y := v.of(a), v.of(b)
	if v.selfless && v.identify(x) == v.identify(y) {
		return true
	}
	return equalValues(x.X, y.X)
}

// mayDifferFromItself reports whether there are values of type T of which ==
// does not say, or cannot say, that they equal a copy of themselves.
func mayDifferFromItself[T any]() bool {
	return differs(reflect.TypeOf((*T)(nil)).Elem())
}

func differs(t reflect.Type) bool {
	switch t.Kind() {
	case reflect.Float32, reflect.Float64, reflect.Complex64, reflect.Complex128, reflect.Interface:
		return true
	case reflect.Array:
		return !t.Comparable() || t.Len() > 0 && differs(t.Elem())
	case reflect.Struct:
		for i := 0; i < t.NumField(); i++ {
			if f := t.Field(i).Type; differs(f) || !f.Comparable() {
				return true
			}
		}
		return false
	default:
		// Func, Map and Slice are compared by identity as a whole.
		return false
	}
}

// equalValues reports whether a and b are equal: by == where both are
// comparable, else by identity for values that have one. It never panics.
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

// equalIfComparable reports whether a == b, which are of one comparable type. It
// is false too if a value in them, of an interface type, is not comparable: then
// == panics, and reflect does not know all such values beforehand (it takes a
// [0]struct{ f func() } for comparable). No user's code runs here.
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
