package glslog

import (
	"context"
	"log/slog"
	"reflect"

	"github.com/seed18162548/contextvars/gls"
	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/internal/hook"
)

// An Option says which variables [NewHandler] and [NewWriter] add, and where.
type Option func(*config)

// config holds the options of one handler or writer. It is immutable once they
// have been applied.
type config struct {
	fields []field
	group  string
	bag    bool // whether the fields of Set are added

	// The rest is for handlers.

	format      format // of the underlying handler
	overDefault bool   // whether slog's default handler is underneath
}

// A field is a key and a way to find its value.
type field struct {
	key string
	// find returns the value, resolved. It is called on the goroutine that
	// logs.
	find func(context.Context) (x slog.Value, ok bool)
	v    gls.AnyVar // the variable that find reads, or nil
}

func newConfig(opts []Option) *config {
	c := &config{bag: true}
	for _, opt := range opts {
		if opt != nil {
			opt(c)
		}
	}
	return c
}

// Attr adds v under its own name. Attributes appear in the order of the
// options. A value that is a [slog.LogValuer] is resolved when the record is
// handled. Data that the value points to is formatted by the underlying
// handler, perhaps later and on another goroutine, so it must not change.
func Attr[T any](v *gls.Var[T]) Option {
	if v, ok := any(v).(*gls.Var[string]); ok {
		return attrString(v)
	}
	return AttrFunc(v.Name(), v, valueOf[T])
}

// attrString is Attr for strings. Most variables are strings, and the code for
// any type takes three times as long.
func attrString(v *gls.Var[string]) Option {
	find := func(context.Context) (slog.Value, bool) {
		s, ok := v.Lookup()
		return slog.StringValue(s), ok
	}
	return func(c *config) { c.fields = append(c.fields, field{v.Name(), find, v}) }
}

// AttrFunc adds v under the given key, with the result of value. Use it for
// values that must be shortened or hidden. value is called on the goroutine
// that logs, and only if v is bound. AttrFunc panics with [gls.ErrNilFunc] if
// value is nil.
func AttrFunc[T any](key string, v *gls.Var[T], value func(T) slog.Value) Option {
	glsadapter.MustFunc("glslog.AttrFunc", value == nil)
	find := func(context.Context) (slog.Value, bool) {
		x, ok := v.Lookup()
		if !ok {
			return slog.Value{}, false
		}
		return safe(resolved(value(x))), true
	}
	return func(c *config) { c.fields = append(c.fields, field{key, find, v}) }
}

// ContextAttr adds an attribute that value finds in the context that the record
// was logged with. If value reports false, nothing is added. A [Writer] passes
// [context.Background]. ContextAttr is for adapters: contrib/glsotel adds trace
// IDs with it. It panics with [gls.ErrNilFunc] if value is nil.
func ContextAttr(key string, value func(context.Context) (slog.Value, bool)) Option {
	glsadapter.MustFunc("glslog.ContextAttr", value == nil)
	find := func(ctx context.Context) (slog.Value, bool) {
		x, ok := value(ctx)
		if !ok {
			return slog.Value{}, false
		}
		return safe(resolved(x)), true
	}
	return func(c *config) { c.fields = append(c.fields, field{key, find, nil}) }
}

// Group puts the variables into a group of that name at the top level of the
// record, instead of directly at the top level. An empty name means no group.
// The last of several Group options wins.
func Group(name string) Option {
	return func(c *config) { c.group = name }
}

// resolved returns v.Resolve(), without calling it if there is nothing to
// resolve, because it is slow even then.
func resolved(v slog.Value) slog.Value {
	if v.Kind() != slog.KindLogValuer {
		return v
	}
	return v.Resolve()
}

// valueOf is like slog.AnyValue but does not move strings to the heap first.
func valueOf[T any](x T) slog.Value {
	if s, ok := any(&x).(*string); ok {
		return slog.StringValue(*s)
	}
	return slog.AnyValue(x)
}

// appendBound appends the attributes of the bound variables to attrs, without
// their group. Unless fields is nil, it appends to fields, for each of them,
// the index of its field in c, or -1 for a field of Set. No function that the
// result is passed to may retain it, or attrs cannot stay on the stack.
func (c *config) appendBound(ctx context.Context, attrs []slog.Attr, fields []int) ([]slog.Attr, []int) {
	for i := range c.fields {
		if x, ok := c.fields[i].find(ctx); ok {
			attrs = append(attrs, slog.Attr{Key: c.fields[i].key, Value: x})
			if fields != nil {
				fields = append(fields, i)
			}
		}
	}
	if c.bag {
		for _, a := range Fields() {
			attrs = append(attrs, a)
			if fields != nil {
				fields = append(fields, -1)
			}
		}
	}
	return attrs, fields
}

// addBound adds the attributes of the bound variables to r, as appendBound does
// to a slice. r must have room for them: most lines have few attributes.
func (c *config) addBound(ctx context.Context, r *slog.Record) {
	for i := range c.fields {
		if x, ok := c.fields[i].find(ctx); ok {
			r.AddAttrs(slog.Attr{Key: c.fields[i].key, Value: x})
		}
	}
	if c.bag {
		r.AddAttrs(Fields()...)
	}
}

// inlineAttrs is the number of attributes that a slog.Record stores inline. A
// Record with no more than that shares none with its copies and needs no Clone,
// which would cost as much as three lookups. TestRecordsAreNotShared fails if a
// Record has room for fewer.
const inlineAttrs = 5

// inGroup returns attrs, wrapped in the group of c if it has one.
func (c *config) inGroup(attrs []slog.Attr) []slog.Attr {
	if c.group == "" {
		return attrs
	}
	return []slog.Attr{{Key: c.group, Value: slog.GroupValue(attrs...)}}
}

// bindingRef returns a reference to the binding that field i shows. It reports
// whether there is one.
func (c *config) bindingRef(i int) (r bindingRef, ok bool) {
	if i < 0 || c.fields[i].v == nil {
		return r, false
	}
	return refTo(hook.Binding(c.fields[i].v))
}

// isBoundBy reports whether field i shows the binding that r refers to.
func (c *config) isBoundBy(i int, r bindingRef) bool {
	if i < 0 || c.fields[i].v == nil {
		return false
	}
	cell := hook.Binding(c.fields[i].v)
	return cell != nil && r.is(cell)
}

// address returns a number that identifies the binding that field i shows, as
// long as it is bound.
func (c *config) address(i int) uintptr {
	if i < 0 || c.fields[i].v == nil {
		return 0
	}
	return reflect.ValueOf(hook.Binding(c.fields[i].v)).Pointer()
}
