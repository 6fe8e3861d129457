package glslog

import "log/slog"

// An openGroups has what a [Handler] inside groups needs to add variables
// outside of them.
type openGroups struct {
	top   slog.Handler // before the first group; immutable
	since []step       // the steps from there to the underlying handler; immutable
	kept  keptHandlers
}

// A step is a call of WithGroup, or of WithAttrs if group is empty. It is
// immutable.
type step struct {
	group string
	attrs []slog.Attr
}

func (s step) apply(h slog.Handler) slog.Handler {
	if s.group != "" {
		return h.WithGroup(s.group)
	}
	return h.WithAttrs(s.attrs)
}

// handlerWith returns the underlying handler with attrs added outside of its
// groups. fields has the indices of the fields of c that attrs come from.
// Neither slice is retained.
func (o *openGroups) handlerWith(c *config, attrs []slog.Attr, fields []int) slog.Handler {
	if e := o.kept.last.Load(); e.is(c, attrs, fields) {
		return e.handler
	}
	table, hash := o.kept.table.Load(), c.hash(attrs, fields)
	if table != nil {
		if h := table.find(hash, c, attrs, fields); h != nil {
			return h
		}
	}
	own := append([]slog.Attr(nil), attrs...) // a copy, so that attrs does not escape
	h := o.top.WithAttrs(c.inGroup(own))
	for _, s := range o.since {
		h = s.apply(h)
	}
	if c.format == unknownFormat || c.group != "" {
		own = append([]slog.Attr(nil), own...) // the underlying handler may have retained it
	}
	if e := c.newKeptHandler(own, fields, h); e != nil {
		e.hash = hash
		o.kept.add(table, e)
	}
	return h
}
