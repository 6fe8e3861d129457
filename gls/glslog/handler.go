package glslog

import (
	"context"
	"log/slog"

	"github.com/seed18162548/contextvars/gls/glsadapter"
)

// A Handler adds variables to the records that pass through it. Create it with
// [NewHandler]. It may be used by several goroutines at once if the underlying
// handler may.
type Handler struct {
	// All fields are immutable.

	config *config
	next   slog.Handler // with everything that WithAttrs and WithGroup added
	open   *openGroups  // nil if no group is open
}

// stackFields is the maximum number of bound variables for which handling a
// record allocates nothing.
const stackFields = 8

// NewHandler returns a handler that adds the variables of opts, and the fields
// that [Set] has added, to every record and passes it to next. It adds them at
// the top level of the record, or in the group at the top level that [Group]
// names, whatever groups [slog.Logger.WithGroup] has opened, so that request_id
// is always found in the same place. Keys are not made unique: a record that
// already has a request_id then has two. If next is or wraps a handler of this
// package, only that handler adds the fields of Set.
//
// Outside of groups, a record costs one lookup per variable more than with next
// alone. Inside a group, the underlying handler is derived as if the variables
// had been passed to [slog.Logger.With] before the group was opened. The
// derived handlers are cached, for up to a few hundred sets of values, so the
// values are formatted and passed to ReplaceAttr once for many lines. A cached
// handler keeps the strings that it shows alive, and no other values. Before Go
// 1.24, handlers are cached only if all bound values are strings, numbers and
// the like.
//
// # What With is given
//
// The arguments of [slog.Logger.With] are formatted when With is called, as
// they are without this handler. Inside a group they have to be formatted again
// whenever the variables change, so With prepares them: it resolves a
// [slog.LogValuer], copies maps, slices and structs behind pointers, and
// renders values with methods such as MarshalJSON or String as next would
// render them. ReplaceAttr then gets the rendered value, which is still an
// error if the value was one.
//
// This works for [slog.JSONHandler], [slog.TextHandler] and the default
// handler, even if other handlers of this package wrap them. If next is any
// other handler, arguments of With inside a group are resolved but otherwise
// passed on unchanged, so the data must not change later.
//
// # The default handler
//
// The initial handler of [slog.Default] writes to package log, whose output
// [slog.SetDefault] sends to the new default logger. A handler that wraps it
// therefore cannot be the default. Other wrappers block forever at the first
// line (https://go.dev/issue/62424). This handler panics with
// [ErrDefaultHandler] at the first record instead. Wrap
// slog.NewTextHandler(os.Stderr, nil) in its place.
//
// NewHandler panics if next is nil. Nil options are ignored.
func NewHandler(next slog.Handler, opts ...Option) *Handler {
	glsadapter.MustValue("glslog.NewHandler", "slog.Handler", next == nil)
	c := newConfig(opts)
	c.format = formatOf(next)
	c.overDefault = wrapsDefault(next)
	c.bag = !showsFields(next)
	return &Handler{config: c, next: next}
}

// Unwrap returns the underlying handler, with the attributes and groups that
// [Handler.WithAttrs] and [Handler.WithGroup] have added.
func (h *Handler) Unwrap() slog.Handler { return h.next }

// Enabled reports whether the underlying handler handles records of that level.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle adds the variables that are bound in the calling goroutine to r and
// calls the underlying handler. It passes ctx to the functions of [ContextAttr]
// and to that handler, and does not look for bindings in it.
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
	r = r.Clone() // the caller may pass its copy to other handlers as well
	if h.config.group == "" {
		r.AddAttrs(attrs...)
	} else {
		own := append([]slog.Attr(nil), attrs...) // a copy, so that attrs does not escape
		r.AddAttrs(h.config.inGroup(own)...)
	}
	return h.next.Handle(ctx, r)
}

// handleInGroup is Handle for the case that a group is open. It takes a pointer
// because a Record is large.
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

// WithAttrs returns a handler that adds attrs to every record, in the groups
// that are open now.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	switch {
	case len(attrs) == 0:
		return h
	case h.open == nil:
		return &Handler{config: h.config, next: h.next.WithAttrs(attrs)}
	}
	return h.derive(step{attrs: h.config.format.freeze(attrs)})
}

// WithGroup returns a handler that puts the attributes that follow, but not the
// variables, into a group of that name.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.derive(step{group: name})
}

// derive returns h with s applied. s must be in a group or open one.
func (h *Handler) derive(s step) *Handler {
	open := &openGroups{top: h.next}
	if h.open != nil {
		since := h.open.since
		open.top, open.since = h.open.top, since[:len(since):len(since)]
	}
	open.since = append(open.since, s)
	return &Handler{config: h.config, next: s.apply(h.next), open: open}
}
