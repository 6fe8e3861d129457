// Package glszerolog adds variables of package gls, such as request IDs,
// tenants and users, to the events of zerolog, so that functions need no logger
// parameter.
//
//	logger := zerolog.New(os.Stderr).Hook(glszerolog.NewHook(glszerolog.Attr(requestID)))
//
// Variables are read on the goroutine that logs, so writers may queue events. A
// variable that is not bound adds nothing and costs no allocation. A default
// does not count as bound. The fields of glslog.Set are also added.
package glszerolog

import (
	"github.com/rs/zerolog"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glslog"
)

// An Option names a variable to log. Create it with [Attr] or [AttrFunc].
type Option func(*config)

// config is immutable after NewHook.
type config struct {
	add []func(*zerolog.Event)
}

// Attr adds v under its own name: strings, numbers and bools as such, other
// values as zerolog's Interface does. If a method of the value panics, the
// event contains a text that says so instead of being lost. An error is logged
// as its text.
func Attr[T any](v *gls.Var[T]) Option {
	return attr(v.Name(), v, addTyped[T])
}

// AttrFunc adds v under the given key, with the result of value, as [Attr]
// does. Use it for values that must be shortened or hidden. value is called on
// the goroutine that logs, and only if v is bound and the event is enabled and
// sampled. AttrFunc panics with [gls.ErrNilFunc] if value is nil.
func AttrFunc[T any](key string, v *gls.Var[T], value func(T) any) Option {
	glsadapter.MustFunc("glszerolog.AttrFunc", value == nil)
	return attr(key, v, func(e *zerolog.Event, key string, x T) { addValue(e, key, value(x)) })
}

func attr[T any](key string, v *gls.Var[T], add func(*zerolog.Event, string, T)) Option {
	ifBound := func(e *zerolog.Event) {
		if x, ok := v.Lookup(); ok {
			add(e, key, x)
		}
	}
	return func(c *config) { c.add = append(c.add, ifBound) }
}

// A hook adds variables to events.
type hook struct{ config }

// NewHook returns a hook that adds the variables of opts, in this order, and
// the fields of glslog.Set to the end of every event, after its own fields.
// Keys are not made unique: an event that already has a request_id then has
// two. Nil options are ignored.
func NewHook(opts ...Option) zerolog.Hook {
	h := new(hook)
	for _, o := range opts {
		if o != nil {
			o(&h.config)
		}
	}
	return h
}

// Run implements [zerolog.Hook].
func (h *hook) Run(e *zerolog.Event, _ zerolog.Level, _ string) {
	for _, add := range h.add {
		add(e)
	}
	for _, a := range glslog.Fields() {
		addOfSet(e, a)
	}
}
