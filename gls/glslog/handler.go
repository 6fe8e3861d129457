package glslog

import (
	"context"
	"errors"
	"log/slog"
)

// A Handler adds variables to the records that pass through it. Make it with
// [NewHandler]. It may be used by any number of goroutines at once if the
// handler behind it may.
type Handler struct {
	// All fields are immutable.

	config *config
	next   slog.Handler // with everything that WithAttrs and WithGroup added
	// While a group is open, top is next as it was before the first group, and
	// replaying since on it gives next. Otherwise both are nil.
	top   slog.Handler
	since []func(slog.Handler) slog.Handler
}

// stackFields is how many bound variables a record can have without an
// allocation for the list of them. More work too.
const stackFields = 8

// NewHandler returns a handler that adds the variables of opts to every record
// and hands it to next. They go to the top level of the record, or into the
// group at the top level that [Group] names, whatever groups
// [slog.Logger.WithGroup] has opened, so that request_id is always found at the
// same place. Keys are not made unique: a record that has a request_id of its
// own has two.
//
// Without open groups, a record costs what the handler behind costs, plus one
// lookup per variable. Inside a group the handler behind is derived anew for
// every record in which a variable is bound, as if the variables had been given
// to [slog.Logger.With] before the group: any handler then gets it right, at the
// price of some allocations. Nesting the record's attributes in a group value
// instead would be cheaper, but resolves the arguments of With too late and
// hides the group from handlers that treat groups in their own way.
//
// A nil next panics.
func NewHandler(next slog.Handler, opts ...Option) *Handler {
	if next == nil {
		panic(errors.New("glslog: NewHandler of a nil slog.Handler"))
	}
	return &Handler{config: newConfig(opts), next: next}
}

// Enabled reports whether the handler behind handles records of that level.
func (h *Handler) Enabled(ctx context.Context, level slog.Level) bool {
	return h.next.Enabled(ctx, level)
}

// Handle adds the variables that are bound in the calling goroutine to r and
// calls the handler behind. The bindings that count are those of the goroutine;
// ctx is only passed on.
func (h *Handler) Handle(ctx context.Context, r slog.Record) error {
	var buf [stackFields]slog.Attr
	attrs := h.config.appendBound(buf[:0])
	switch {
	case len(attrs) == 0:
		return h.next.Handle(ctx, r)
	case h.top != nil:
		return h.regroup(h.config.grouped(attrs)).Handle(ctx, r)
	}
	r = r.Clone() // the caller may hand its copy to other handlers too
	if h.config.group == "" {
		r.AddAttrs(attrs...)
	} else {
		r.AddAttrs(h.config.grouped(attrs)...)
	}
	return h.next.Handle(ctx, r)
}

// regroup returns next with attrs outside of its groups. A group must be open.
func (h *Handler) regroup(attrs []slog.Attr) slog.Handler {
	next := h.top.WithAttrs(attrs)
	for _, derive := range h.since {
		next = derive(next)
	}
	return next
}

// WithAttrs returns a handler whose records have attrs too, in the groups that
// are open now.
func (h *Handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	if len(attrs) == 0 {
		return h
	}
	if h.top == nil {
		return &Handler{config: h.config, next: h.next.WithAttrs(attrs)}
	}
	attrs = append([]slog.Attr(nil), attrs...) // kept: the caller may reuse its own
	return h.derive(func(next slog.Handler) slog.Handler { return next.WithAttrs(attrs) })
}

// WithGroup returns a handler that puts the attributes which follow, but not the
// variables, into a group of that name.
func (h *Handler) WithGroup(name string) slog.Handler {
	if name == "" {
		return h
	}
	return h.derive(func(next slog.Handler) slog.Handler { return next.WithGroup(name) })
}

// derive returns h with f applied to what is behind it, in or opening a group.
func (h *Handler) derive(f func(slog.Handler) slog.Handler) *Handler {
	top := h.top
	if top == nil {
		top = h.next
	}
	since := append(h.since[:len(h.since):len(h.since)], f)
	return &Handler{config: h.config, next: f(h.next), top: top, since: since}
}
