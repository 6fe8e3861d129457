// Package glszerolog puts variables of package gls into the events of zerolog:
// request IDs, tenants, users, without a logger in every signature.
//
//	logger := zerolog.New(os.Stderr).Hook(glszerolog.NewHook(glszerolog.Attr(requestID)))
//
// Variables are read on the goroutine that logs, so writers behind may queue. A
// variable that is not bound adds nothing and costs no allocation; defaults do
// not count as bound.
package glszerolog

import (
	"fmt"

	"github.com/rs/zerolog"

	"github.com/seed18162548/contextvars/gls"
)

// An Option names a variable that is to be logged. Make it with [Attr] or
// [AttrFunc].
type Option func(*hook)

// A hook adds variables to events.
type hook struct {
	add []func(*zerolog.Event) // immutable after NewHook
}

// Attr adds v under its own name: strings, numbers and bools as such, the rest as
// zerolog's Interface has it.
func Attr[T any](v *gls.Var[T]) Option {
	name := v.Name()
	return AttrFunc(v, func(e *zerolog.Event, x T) {
		switch p := any(&x).(type) { // a pointer is put into an interface without an allocation
		case *string:
			e.Str(name, *p)
		case *int:
			e.Int(name, *p)
		case *int64:
			e.Int64(name, *p)
		case *uint64:
			e.Uint64(name, *p)
		case *bool:
			e.Bool(name, *p)
		default:
			e.Interface(name, x)
		}
	})
}

// AttrFunc has add called with each event for which v is bound, for values that
// must be shortened or hidden. add is called on the goroutine that logs, only if
// the event is enabled and sampled. A nil add panics with [gls.ErrNilFunc].
func AttrFunc[T any](v *gls.Var[T], add func(e *zerolog.Event, x T)) Option {
	if add == nil {
		panic(fmt.Errorf("glszerolog: AttrFunc: %w", gls.ErrNilFunc))
	}
	return func(h *hook) {
		h.add = append(h.add, func(e *zerolog.Event) {
			if x, ok := v.Lookup(); ok {
				add(e, x)
			}
		})
	}
}

// NewHook returns a hook that adds the variables of opts, in this order, to the
// end of every event, after its own fields. Keys are not made unique: an event
// that has a request_id of its own has two.
func NewHook(opts ...Option) zerolog.Hook {
	h := new(hook)
	for _, o := range opts {
		o(h)
	}
	return h
}

// Run implements [zerolog.Hook].
func (h *hook) Run(e *zerolog.Event, _ zerolog.Level, _ string) {
	for _, add := range h.add {
		add(e)
	}
}
