package glszap

import (
	"reflect"

	"go.uber.org/zap"
	"go.uber.org/zap/zapcore"

	"github.com/seed18162548/contextvars/gls/glsadapter"
	"github.com/seed18162548/contextvars/gls/glslog"
)

// With returns the option of zap.New that puts a [NewCore] around the logger's
// core.
func With(opts ...Option) zap.Option {
	return zap.WrapCore(func(next zapcore.Core) zapcore.Core { return NewCore(next, opts...) })
}

// A core adds variables to entries. All fields but kept are immutable.
type core struct {
	config *config
	plain  bool         // next is zap's own core, whose Check does nothing but Enabled
	next   zapcore.Core // with all fields of With
	// While a namespace is open, top is next as it was before that, and since has
	// the fields that were added since, beginning with the namespace. Otherwise top
	// is next.
	top   zapcore.Core
	since []zapcore.Field
	kept  keptCores // used if plain
}

// NewCore returns a core that adds the variables of opts, and the fields of
// glslog.Set, to every entry that next accepts. They are added at the top
// level, whatever namespaces [zap.Namespace] has opened. Levels and sampling
// are those of next. Keys are not made unique: an entry that already has a
// request_id then has two.
//
// An entry costs at most one allocation more than if the fields had been given
// explicitly. Over a core of [zapcore.NewCore], fields that stay the same for
// several entries are encoded once. An entry that is not enabled, or that next
// drops by sampling, costs a few lookups.
//
// The arguments of [zap.Logger.With] are encoded when With is called, as
// without this core. After a namespace, next has to encode them again, so With
// prepares them: it calls marshalers, stringers and errors, copies bytes, maps
// and slices, and encodes other values that zap would encode by reflection as
// JSON, in a [json.RawMessage].
//
// NewCore panics if next is nil. Nil options are ignored.
func NewCore(next zapcore.Core, opts ...Option) zapcore.Core {
	glsadapter.MustValue("glszap.NewCore", "zapcore.Core", next == nil)
	c := new(config)
	for _, o := range opts {
		if o != nil {
			o(c)
		}
	}
	return newCore(c, next)
}

func newCore(c *config, next zapcore.Core) zapcore.Core {
	wrap := func(behind zapcore.Core) zapcore.Core { return newCore(c, behind) }
	if wrapped, ok := inside(next, wrap); ok {
		return wrapped
	}
	return &core{config: c, plain: reflect.TypeOf(next) == plainCore, next: next, top: next}
}

// plainCore is the type of zap's own core.
var plainCore = reflect.TypeOf(zapcore.NewCore(nil, nil, zap.DebugLevel))

// anyBound reports whether something is to be added.
func (c *core) anyBound() bool {
	for i := range c.config.vars {
		if c.config.vars[i].bound() {
			return true
		}
	}
	return len(glslog.Fields()) > 0
}

// appendBound appends what is bound to fields.
func (c *core) appendBound(fields []zapcore.Field) []zapcore.Field {
	for i := range c.config.vars {
		if f, ok := c.config.vars[i].field(); ok {
			fields = append(fields, f)
		}
	}
	for _, a := range glslog.Fields() {
		fields = append(fields, ofSet(a))
	}
	return fields
}

// Enabled reports whether the underlying core accepts entries of that level.
func (c *core) Enabled(level zapcore.Level) bool { return c.next.Enabled(level) }

// Level returns the level of the underlying core.
func (c *core) Level() zapcore.Level { return zapcore.LevelOf(c.next) }

// stackFields is the maximum number of fields that are added to an entry
// without an allocation.
const stackFields = 8

// Check lets the underlying core decide, once.
func (c *core) Check(e zapcore.Entry, ce *zapcore.CheckedEntry) *zapcore.CheckedEntry {
	switch {
	case !c.Enabled(e.Level):
		return ce
	case c.plain:
		return ce.AddCore(e, c.accepted())
	case !c.anyBound():
		return c.next.Check(e, ce)
	}
	accepted := c.top.Check(e, nil)
	if accepted == nil {
		return ce
	}
	var buf [stackFields]zapcore.Field
	return ce.AddCore(e, newPending(c, accepted, c.appendBound(buf[:0])))
}

// accepted returns the core that writes an entry that the underlying core
// accepts. The underlying core must be plain.
func (c *core) accepted() zapcore.Core {
	var buf [stackFields]zapcore.Field
	fields := c.appendBound(buf[:0])
	if len(fields) == 0 {
		return c.next
	}
	if kept := c.kept.find(fields, c.derive); kept != nil {
		return kept
	}
	return newPending(c, nil, fields)
}

// derive returns the underlying core with fields added outside of its
// namespaces.
func (c *core) derive(fields []zapcore.Field) zapcore.Core {
	next := c.top.With(fields)
	if len(c.since) > 0 {
		next = next.With(c.since)
	}
	return next
}

// Write writes the entry with the variables. It is called by cores that wrap
// this one and do not call its Check.
func (c *core) Write(e zapcore.Entry, fields []zapcore.Field) error {
	if !c.anyBound() {
		return c.next.Write(e, fields)
	}
	all := append(c.appendBound(nil), c.since...)
	return c.top.Write(e, append(all, fields...))
}

// With returns a core that adds fields to every entry.
func (c *core) With(fields []zapcore.Field) zapcore.Core {
	first := 0
	if len(c.since) == 0 {
		if first = firstNamespace(fields); first == len(fields) {
			next := c.next.With(fields)
			return &core{config: c.config, plain: c.plain, next: next, top: next}
		}
	}
	top := c.top
	if first > 0 {
		top = top.With(fields[:first])
	}
	since := freeze(fields[first:])
	next := c.next
	if first > 0 {
		next = top
	}
	return &core{
		config: c.config,
		plain:  c.plain,
		next:   next.With(since),
		top:    top,
		since:  append(c.since[:len(c.since):len(c.since)], since...),
	}
}

// Sync flushes the underlying core.
func (c *core) Sync() error { return c.next.Sync() }
