// Package glslogrus puts variables of package gls into the entries of logrus:
// request IDs, tenants, users, without a logger in every signature.
//
//	logger.AddHook(glslogrus.NewHook(glslogrus.Attr(requestID), glslogrus.Attr(tenant)))
//
// Variables are read on the goroutine that logs, so writers and hooks behind may
// queue. A variable that is not bound adds nothing; defaults do not count as
// bound.
package glslogrus

import (
	"fmt"

	"github.com/sirupsen/logrus"

	"github.com/seed18162548/contextvars/gls"
)

// An Option names a variable that is to be logged. Make it with [Attr] or
// [AttrFunc].
type Option func(*hook)

// A hook adds variables to entries.
type hook struct {
	fields []field // immutable after NewHook
}

type field struct {
	key  string
	find func() (x any, ok bool) // !ok if the variable is not bound
}

// Attr adds v under its own name. What the value points to is formatted by
// logrus before the call that logs returns.
func Attr[T any](v *gls.Var[T]) Option {
	return AttrFunc(v.Name(), v, func(x T) any { return x })
}

// AttrFunc adds v under the given key, as value returns it, for values that must
// be shortened or hidden. value is called on the goroutine that logs, only where
// v is bound and the level is enabled. A nil value panics with [gls.ErrNilFunc].
func AttrFunc[T any](key string, v *gls.Var[T], value func(T) any) Option {
	if value == nil {
		panic(fmt.Errorf("glslogrus: AttrFunc: %w", gls.ErrNilFunc))
	}
	find := func() (any, bool) {
		x, ok := v.Lookup()
		if !ok {
			return nil, false
		}
		return value(x), true
	}
	return func(h *hook) { h.fields = append(h.fields, field{key, find}) }
}

// NewHook returns a hook that adds the variables of opts to the entries of every
// level. A field that the entry has already wins: it was given explicitly. Add it
// before hooks that send entries elsewhere, because hooks run in their order.
func NewHook(opts ...Option) logrus.Hook {
	h := new(hook)
	for _, o := range opts {
		o(h)
	}
	return h
}

// Levels implements [logrus.Hook].
func (h *hook) Levels() []logrus.Level { return logrus.AllLevels }

// Fire implements [logrus.Hook]. The entry's data belong to the one call that
// logs, so that a shared entry of WithFields stays what it is.
func (h *hook) Fire(e *logrus.Entry) error {
	for _, f := range h.fields {
		if _, given := e.Data[f.key]; given {
			continue
		}
		if x, ok := f.find(); ok {
			if e.Data == nil {
				e.Data = make(logrus.Fields)
			}
			e.Data[f.key] = x
		}
	}
	return nil
}
