// Package glslogrus adds variables of package gls, such as request IDs, tenants
// and users, to the entries of logrus, so that functions need no logger
// parameter.
//
//	logger.AddHook(glslogrus.NewHook(glslogrus.Attr(requestID), glslogrus.Attr(tenant)))
//
// Variables are read on the goroutine that logs, so writers and later hooks may
// queue entries. A variable that is not bound adds nothing. A default does not
// count as bound. The fields of glslog.Set are also added.
package glslogrus

import (
	"github.com/sirupsen/logrus"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glslog"
)

// An Option names a variable to log. Create it with [Attr] or [AttrFunc].
type Option func(*config)

// config is immutable after NewHook.
type config struct {
	fields []glsadapter.Field[any]
}

// Attr adds v under its own name. logrus formats the data that the value points
// to before the call that logs returns. If a method of the value panics or its
// encoding fails, the line contains a text that says so instead of being lost:
// values that may do either are wrapped in a [glsadapter.Guarded].
func Attr[T any](v *gls.Var[T]) Option {
	return AttrFunc(v.Name(), v, func(x T) any { return x })
}

// AttrFunc adds v under the given key, with the result of value. Use it for
// values that must be shortened or hidden. value is called on the goroutine
// that logs, and only if v is bound and the level is enabled. AttrFunc panics
// with [gls.ErrNilFunc] if value is nil.
func AttrFunc[T any](key string, v *gls.Var[T], value func(T) any) Option {
	field := glsadapter.NewField("glslogrus.AttrFunc", key, v, value)
	return func(c *config) { c.fields = append(c.fields, field) }
}

// A hook adds variables to entries.
type hook struct{ config }

// NewHook returns a hook that adds the variables of opts, and the fields of
// glslog.Set, to the entries of every level. It does not replace fields that
// the entry already has, because these were given explicitly. Add the hook
// before hooks that send entries elsewhere, because hooks run in the order in
// which they were added. Nil options are ignored.
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

// Fire implements [logrus.Hook]. The data of the entry belong to the current
// call, so Fire does not modify an entry that WithFields has returned.
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

// add adds a field to e unless e already has one with that key.
func add(e *logrus.Entry, key string, x any) {
	if _, given := e.Data[key]; given {
		return
	}
	if e.Data == nil {
		e.Data = make(logrus.Fields)
	}
	e.Data[key] = glsadapter.Guard(x)
}
