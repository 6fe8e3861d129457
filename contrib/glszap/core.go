// Package glszap puts variables of package gls into the entries of zap: request
// IDs, tenants, users, without a logger in every signature.
//
//	logger, err := zap.NewProduction(glszap.With(glszap.Attr(requestID), glszap.Attr(tenant)))
//
// It wraps a [zapcore.Core], whichever that is. Variables are read on the
// goroutine that logs, so cores and writers behind may queue and write elsewhere.
// A variable that is not bound adds nothing; defaults do not count as bound.
package glszap

import (
	"errors"
	"fmt"
	"slices"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/seed18162548/contextvars/gls"
)

// An Option names a variable that is to be logged. Make it with [Attr] or
// [AttrFunc].
type Option func(*config)

type config struct {
	// find are the fields of the variables; !ok if one is not bound. It is
	// immutable once the options were applied.
	find []func() (f zapcore.Field, ok bool)
}

// Attr adds v under its own name, as zap.Any has it.
func Attr[T any](v *gls.Var[T]) Option {
	return AttrFunc(v, func(x T) zapcore.Field { return zap.Any(v.Name(), x) })
}

// AttrFunc adds v as field returns it, for values that must be shortened or
// hidden. field is called on the goroutine that logs, only where v is bound and
// the level is enabled. A nil field panics with [gls.ErrNilFunc].
func AttrFunc[T any](v *gls.Var[T], field func(T) zapcore.Field) Option {
	if field == nil {
		panic(fmt.Errorf("glszap: AttrFunc: %w", gls.ErrNilFunc))
	}
	find := func() (f zapcore.Field, ok bool) {
		x, ok := v.Lookup()
		if ok {
			f = field(x)
		}
		return f, ok
	}
	return func(c *config) { c.find = append(c.find, find) }
}

// With returns the option of zap.New that puts a [NewCore] around the logger's
// core.
func With(opts ...Option) zap.Option {
	return zap.WrapCore(func(next zapcore.Core) zapcore.Core { return NewCore(next, opts...) })
}

// A core adds variables to entries. All fields are immutable.
type core struct {
	config *config
	next   zapcore.Core // with all fields of With
	// While a namespace is open, top is next as it was before, and since the
	// fields that were added to it, the namespace the first. Else top is nil.
	top   zapcore.Core
	since []zapcore.Field
}

// NewCore returns a core that adds the variables of opts to every entry that next
// accepts, at the top level, whatever namespaces [zap.Namespace] has opened.
// Levels and sampling are next's. Keys are not made unique: an entry that has a
// request_id of its own has two.
//
// An entry costs one lookup per variable, and where any is bound what next.With
// costs, also for entries that next then drops by sampling. A nil next panics.
func NewCore(next zapcore.Core, opts ...Option) zapcore.Core {
	if next == nil {
		panic(errors.New("glszap: NewCore of a nil zapcore.Core"))
	}
	c := new(config)
	for _, o := range opts {
		o(c)
	}
	return &core{config: c, next: next}
}

// bound returns next with the variables that are bound in the calling goroutine.
func (c *core) bound() zapcore.Core {
	var fields []zapcore.Field
	for _, find := range c.config.find {
		if f, ok := find(); ok {
			fields = append(fields, f)
		}
	}
	switch {
	case len(fields) == 0:
		return c.next
	case c.top == nil:
		return c.next.With(fields)
	}
	return c.top.With(append(fields, c.since...))
}

// Enabled reports whether the core behind takes entries of that level.
func (c *core) Enabled(level zapcore.Level) bool { return c.next.Enabled(level) }

// Level returns the level of the core behind.
func (c *core) Level() zapcore.Level { return zapcore.LevelOf(c.next) }

// Check has the core behind decide, which then writes too.
func (c *core) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	if !c.Enabled(e.Level) {
		return ce
	}
	return c.bound().Check(e, ce)
}

// Write is for cores that wrap this one and decide themselves.
func (c *core) Write(e zapcore.Entry, fields []zapcore.Field) error {
	return c.bound().Write(e, fields)
}

// With returns a core whose entries have fields too.
func (c *core) With(fields []zapcore.Field) zapcore.Core {
	d := &core{config: c.config, next: c.next.With(fields), top: c.top}
	first := 0
	if c.top == nil {
		first = slices.IndexFunc(fields, func(f zapcore.Field) bool { return f.Type == zapcore.NamespaceType })
		if first < 0 {
			return d
		}
		d.top = c.next.With(fields[:first])
	}
	d.since = slices.Concat(c.since, fields[first:])
	return d
}

// Sync flushes the core behind.
func (c *core) Sync() error { return c.next.Sync() }
