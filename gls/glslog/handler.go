package glslog

import (
	"context"
	"errors"
	"log/slog"
)

// A Handler adds variables to the records that pass through it. Make it with
// [NewHandler]. It may be used by several goroutines at once if the handler
// behind it may.
type Handler struct {
	// All fields are immutable.

	config *config
	next   slog.Handler // with everything that WithAttrs and WithGroup added
	open   *openGroups  // nil if no group is open
}

// stackFields is the number of bound variables for which a record needs no
// allocation.
const stackFields = 8

// NewHandler returns a handler that adds the variables of opts, and the fields
// that [Set] has added, to every record, and passes it to next. They go to the
// top level of the record, or into the group at the top level that [Group]
// names, whatever groups [slog.Logger.WithGroup] has opened, so that request_id
// is always found in the same place. Keys are not made unique: a record that
// has a request_id of its own has two. If next is, or wraps, a handler of this
// package, only that one adds the fields of Set.
//
// Outside of groups, a record costs what the handler behind costs, plus one
// lookup per variable. Inside a group the handler behind is derived as if the
// variables had been given to [slog.Logger.With] before the group. The result
// is kept while the same values are bound, for up to a few hundred sets of
// values, so that they are formatted, and passed to ReplaceAttr, once for many
// lines. A kept handler keeps the strings that it shows alive, and no other
// values. Before Go 1.24 it is not kept if a bound value is neither a string
// nor a number nor the like.
//
// # What With is given
//
// The arguments of [slog.Logger.With] are formatted when With is called, as
// they are without this handler. Inside a group that takes some work, because
// they are formatted again for other variables: a [slog.LogValuer] is resolved
// by With; maps, slices and pointers to structs are copied; values with methods
// such as MarshalJSON or String are rendered as next renders them. ReplaceAttr
// then finds the rendered value, which is still an error if the value was one.
//
// That much is known about [slog.JSONHandler], [slog.TextHandler] and the
// default handler, also behind other handlers of this package. If next is
// anything else, arguments of With inside a group are resolved, and otherwise
// passed on as they are: such data must not change later.
//
// # The default handler
//
// The initial handler of [slog.Default] writes to package log, whose output
// [slog.SetDefault] sends to the new default logger. A handler that wraps it
// therefore cannot be the default. With other wrappers, the first line blocks
// for good (https://go.dev/issue/62424). This handler panics with
// [ErrDefaultHandler] at the first record instead. Wrap
// slog.NewTextHandler(os.Stderr, nil).
//
// NewHandler panics if next is nil. Nil options are ignored.
func NewHandler(next slog.Handler, opts ...Option) *Handler {
	if next == nil {
		panic(errors.New("glslog: NewHandler of a nil slog.Handler"))
	}
	c := newConfig(opts)
	c.format = formatOf(next)
	c.overDefault = wrapsDefault(next)
	c.bag = !showsFields(next)
	return &Handler{config: c, next: next}
}

// Unwrap returns the handler behind, with the attributes and groups that
// [Handler.WithAttrs] and [Handler.WithGroup] have added.
func (h *Handler) Unwrap() slog.Handler { return h.next }

// Enabled reports whether the handler behind handles records of that level.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle adds the variables that are bound in the calling goroutine to r and
// calls the handler behind. The bindings of the goroutine count; ctx is passed
// on, and to the functions of [ContextAttr].
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	if h.config.overDefault {
		h.config.mustNotLoop()
	}
	if h.open != nil {
		return h.handleInGroup(ctx, &r)
	}
	if h.config.group == "" && r.NumAttrs()+len(h.config.fields) <= inlineAttrs {
		h.config.addBound(ctx, &r)
		return h.next.Handle(ctx, r)
	}
	var buf [stackFields]slog.Attr
	attrs, _ := h.config.appendBound(ctx, buf[:0], nil)
	if len(attrs) == 0 {
		return h.next.Handle(ctx, r)
	}
	r = r.Clone() // the caller may hand its copy to other handlers too
	if h.config.group == "" {
		r.AddAttrs(attrs...)
	} else {
		own := append([]slog.Attr(nil), attrs...) // not attrs, which would then escape
		r.AddAttrs(h.config.inGroup(own)...)
	}
	return h.next.Handle(ctx, r)
}

// handleInGroup is Handle where a group is open. It takes a pointer because a
// Record is large.
func (h *Handler) handleInGroup(ctx context.Context, r *slog.Record) error {
	var (
		attrBuf  [stackFields]slog.Attr
		fieldBuf [stackFields]int
	)
	attrs, fields := h.config.appendBound(ctx, attrBuf[:0], fieldBuf[:0])
	if len(attrs) == 0 {
		return h.next.Handle(ctx, *r)
	}
	return h.open.handlerWith(h.config, attrs, fields).Handle(ctx, *r)
}

// WithAttrs returns a handler whose records have attrs too, in the groups that
// are open now.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	switch {
	case len(attrs) == 0:
		return h
	case h.open == nil:
		return &Handler{config: h.config, next: h.next.WithAttrs(attrs)}
	}
	return h.derive(step{attrs: h.config.format.freeze(attrs)})
}

// WithGroup returns a handler that puts the attributes which follow, but not
// the variables, into a group of that name.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.derive(step{group: name})
}

// derive returns h with s applied, which is in a group or opens one.
func (h *Handler) derive(s step) *Handler {
	open := &openGroups{top: h.next}
	if h.open != nil {
		since := h.open.since
		open.top, open.since = h.open.top, since[:len(since):len(since)]
	}
	open.since = append(open.since, s)
	return &Handler{config: h.config, next: s.apply(h.next), open: open}
}
