package glslog

import (
	"log/slog"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/internal/inner"
)

// An Option says which variables [NewHandler] and [NewWriter] add, and where.
type Option func(*config)

// config is what the options of one handler or writer add up to. It is immutable
// once they were applied.
type config struct {
	fields []field
	group  string
}

// A field is one variable that is to be logged.
type field struct {
	key  string
	find func() (x slog.Value, ok bool) // resolved; !ok if the variable is not bound
}

func newConfig(opts []Option) *config {
	c := new(config)
	for _, opt := range opts {
		opt(c)
	}
	return c
}

// Attr adds v under its own name. Attributes appear in the order of the options.
// A value that is a [slog.LogValuer] is resolved when the record is handled.
// What the value points to is formatted by the handler behind, perhaps later
// and on another goroutine: such data must not change.
func Attr[T any](v *gls.Var[T]) Option {
	return AttrFunc(v.Name(), v, valueOf[T])
}

// AttrFunc adds v under the given key, as value returns it. It is for values
// that must be shortened or hidden. value is called on the goroutine that logs,
// only where v is bound. A nil value panics with [gls.ErrNilFunc].
func AttrFunc[T any](key string, v *gls.Var[T], value func(T) slog.Value) Option {
	if value == nil {
		panic(inner.NilFunc("glslog.AttrFunc"))
	}
	find := func() (slog.Value, bool) {
		x, ok := v.Lookup()
		if !ok {
			return slog.Value{}, false
		}
		return value(x).Resolve(), true
	}
	return func(c *config) { c.fields = append(c.fields, field{key, find}) }
}

// Group puts the variables into a group of that name, at the top level of the
// record, instead of the top level itself. An empty name means no group. Of
// several Group options the last counts.
func Group(name string) Option {
	return func(c *config) { c.group = name }
}

// valueOf is slog.AnyValue, which puts strings on the heap first.
func valueOf[T any](x T) slog.Value {
	if s, ok := any(&x).(*string); ok {
		return slog.StringValue(*s)
	}
	return slog.AnyValue(x)
}

// appendBound appends the attributes of the bound variables to attrs, without
// their group. The result must not be retained by what it is passed to, or
// attrs cannot stay on the stack.
func (c *config) appendBound(attrs []slog.Attr) []slog.Attr {
	for i := range c.fields {
		if x, ok := c.fields[i].find(); ok {
			attrs = append(attrs, slog.Attr{Key: c.fields[i].key, Value: x})
		}
	}
	return attrs
}

// grouped returns a copy of attrs, in the group if there is one.
func (c *config) grouped(attrs []slog.Attr) []slog.Attr {
	kept := append([]slog.Attr(nil), attrs...) // not into attrs, which would then escape
	if c.group == "" {
		return kept
	}
	return []slog.Attr{{Key: c.group, Value: slog.GroupValue(kept...)}}
}
