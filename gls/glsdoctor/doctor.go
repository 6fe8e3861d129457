// Package glsdoctor finds go statements that lose bindings in a running
// program. Do not import it: the command "gls doctor -run" replaces go
// statements of the program with calls of this package, and wraps functions
// that the program hands to other goroutines. The package starts goroutines as
// a go statement does, without bindings, but remembers which bindings the
// starter had. A read that finds nothing although the starter had a value
// counts against the statement.
//
// With the build tag gls_doctor the library reports every read to this package,
// including reads by adapters. Without the tag nothing is counted.
package glsdoctor

import (
	"reflect"
	"sync"

	"github.com/seed18162548/contextvars/internal/binding"
	"github.com/seed18162548/contextvars/internal/current"
	"github.com/seed18162548/contextvars/internal/goroutine"
)

// An origin is the statement that started a goroutine's work. It is immutable.
type origin struct {
	site   string        // file:line of the statement; "" for Settled
	had    *binding.Cell // the starter's bindings at that moment
	parent *origin       // the starter's own origin, or nil
	// unknown is the creator of the starter if that is not a statement that this
	// package knows; "" if no binding can have been lost there.
	unknown string
}

// origins holds the origin of every goroutine that has one: int64 to *origin.
// Entries are made and removed by the goroutine itself.
var origins sync.Map

func mine() *origin {
	o, ok := origins.Load(goroutine.ID())
	if !ok {
		return nil
	}
	return o.(*origin)
}

// here returns the origin of a goroutine that the caller starts at site.
func here(site string) *origin {
	o := &origin{site: site, had: current.Capture(), parent: mine()}
	if o.parent == nil {
		o.unknown = creator()
	}
	return o
}

// in calls f with o as the origin of the calling goroutine.
func in(o *origin, f func()) {
	id := goroutine.ID()
	before, nested := origins.Load(id)
	origins.Store(id, o)
	defer func() {
		if nested {
			origins.Store(id, before)
		} else {
			origins.Delete(id)
		}
	}()
	f()
}

// Go calls f in a new goroutine as a go statement does, without bindings. Site
// names the statement. If f is nil, the new goroutine panics.
func Go(site string, f func()) {
	o := here(site)
	go in(o, f)
}

// Settled is like [Go], for a statement with a comment that says that it needs
// no bindings: reads on its goroutine are not counted as lost.
func Settled(f func()) { go in(&origin{}, f) }

// Plain is like [Func], for code in a version of the language without generics.
func Plain(site string, f func()) func() { return Func(site, f) }

// Func returns a function that calls f, which must be of a function type and is
// about to be handed to another goroutine by the statement that site names. A
// nil f stays nil.
func Func[F any](site string, f F) F {
	v := reflect.ValueOf(&f).Elem()
	if v.IsNil() {
		return f
	}
	o := here(site)
	switch f := any(&f).(type) {
	case *func():
		work := *f
		*f = func() { in(o, work) }
	case *func() error:
		work := *f
		*f = func() (err error) {
			in(o, func() { err = work() })
			return err
		}
	default:
		work := reflect.ValueOf(v.Interface())
		v.Set(reflect.MakeFunc(v.Type(), func(args []reflect.Value) (results []reflect.Value) {
			in(o, func() {
				if v.Type().IsVariadic() {
					results = work.CallSlice(args)
				} else {
					results = work.Call(args)
				}
			})
			return results
		}))
	}
	return f
}
