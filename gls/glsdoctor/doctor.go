// Package glsdoctor finds go statements that lose bindings, in a running
// program. It is what "gls doctor -run" builds programs with, in place of their
// go statements and of their calls of Var.Get and its like; nobody imports it
// by hand. It starts goroutines as a go statement does, without bindings, but
// remembers what those of the starter were. A read that finds nothing, though
// the starter had a value, counts against the statement.
package glsdoctor

import (
	"reflect"
	"sync"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/goroutine"
)

// An origin is where a goroutine came from. It is immutable.
type origin struct {
	site   string       // file:line of the go statement
	had    *gls.Context // the starter's bindings at that moment
	parent *origin      // the starter's own origin, or nil
}

// origins holds the origin of every running goroutine that Go started: int64 to
// *origin. Entries are made and removed by the goroutine itself.
var origins sync.Map

func mine() *origin {
	o, ok := origins.Load(goroutine.ID())
	if !ok {
		return nil
	}
	return o.(*origin)
}

// Go calls f in a new goroutine as a go statement does, without bindings. Site
// names the statement. A nil f panics in the new goroutine.
func Go(site string, f func()) {
	o := &origin{site, gls.CopyContext(), mine()}
	go func() {
		id := goroutine.ID()
		origins.Store(id, o)
		defer origins.Delete(id)
		f()
	}()
}

// Get is v.Get.
func Get[T any](v *gls.Var[T]) T {
	note(v)
	return v.Get()
}

// GetOr is v.GetOr.
func GetOr[T any](v *gls.Var[T], d T) T {
	note(v)
	return v.GetOr(d)
}

// Lookup is v.Lookup.
func Lookup[T any](v *gls.Var[T]) (T, bool) {
	note(v)
	return v.Lookup()
}

// MustGet is v.MustGet.
func MustGet[T any](v *gls.Var[T]) T {
	note(v)
	return v.MustGet()
}

// note counts a read of v that finds nothing against the nearest go statement
// whose starter had a value, which spawn.Go would have handed on.
func note[T any](v *gls.Var[T]) {
	if _, ok := v.Lookup(); ok || isPrivate(v) {
		return
	}
	for o := mine(); o != nil; o = o.parent {
		if _, ok := v.In(o.had); ok {
			lost(o.site, v.Name())
			return
		}
	}
}

// isPrivate reports whether v was made with NoInherit, so that nothing is lost.
// The library has no other use for telling, hence no method; a test fails if
// the field is renamed.
func isPrivate[T any](v *gls.Var[T]) bool {
	return reflect.ValueOf(v).Elem().FieldByName("private").Bool()
}
