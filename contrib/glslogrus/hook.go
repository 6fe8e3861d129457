// Package glslogrus adds variables of package gls to the entries of logrus:
// request IDs, tenants, users, without a logger in every signature.
//
//	logger.AddHook(glslogrus.NewHook(glslogrus.Attr(requestID), glslogrus.Attr(tenant)))
//
// Variables are read on the goroutine that logs, so the writers and hooks
// behind may queue entries. A variable that is not bound adds nothing. A
// default does not count as bound. The fields of glslog.Set are added too.
package glslogrus

import (
	"github.com/sirupsen/logrus"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glslog"
)

// An Option names a variable that is to be logged. Make it with [Attr] or
// [AttrFunc].
type Option func(*config)

// config is immutable after NewHook.
type config struct {
	fields []glsadapter.Field[any]
}

// Attr adds v under its own name. What the value points to is formatted by
// logrus before the call that logs returns. A value whose methods panic or
// whose encoding fails gives a text that says so, and never loses the line:
// values that may do either are in the entry as [glsadapter.Guarded].
func Attr[T any](v *gls.Var[T]) Option {
	return AttrFunc(v.Name(), v, func(x T) any { return x })
}

// AttrFunc adds v under the given key, with the value that the function value
// returns. Use it for values that must be shortened or hidden. value is called
// on the goroutine that logs, and only if v is bound and the level is enabled.
// A nil value panics with [gls.ErrNilFunc].
func AttrFunc[T any](key string, v *gls.Var[T], value func(T) any) Option {
	field := glsadapter.NewField("glslogrus.AttrFunc", key, v, value)
	return func(c *config) { c.fields = append(c.fields, field) }
}

// A hook adds variables to entries.
type hook struct{ config }

// NewHook returns a hook that adds the variables of opts, and the fields of
// glslog.Set, to the entries of every level. A field that the entry has already
// wins: it was given explicitly. Add the hook before hooks that send entries
// elsewhere, because hooks run in their order. Nil options are ignored.
func NewHook(opts ...Option) logrus.Hook {
	h := new(hook)
	for _, o := range opts {
		if o != nil {
			o(&h.config)
		}
	}
	return h
}

// Levels implements [logrus.Hook].
func (h *hook) Levels() []logrus.Level { return logrus.AllLevels }

// Fire implements [logrus.Hook]. The entry's data belong to the one call that
// logs, so a shared entry of WithFields is not modified.
func (h *hook) Fire(e *logrus.Entry) error {
	for _, f := range h.fields {
		if x, ok := f.Find(); ok {
			add(e, f.Key, x)
		}
	}
	for _, a := range glslog.Fields() {
		add(e, a.Key, a.Value.Any())
	}
	return nil
}

// add adds a field to e, unless e has one of that key.
func add(e *logrus.Entry, key string, x any) {
	if _, given := e.Data[key]; given {
		return
	}
	if e.Data == nil {
		e.Data = make(logrus.Fields)
	}
	e.Data[key] = glsadapter.Guard(x)
}
